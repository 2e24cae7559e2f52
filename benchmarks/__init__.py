"""Speed as ratios: each number stands beside a floor or a peer measured in the same run."""
