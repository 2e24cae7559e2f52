"""Speed as ratios: each number stands beside a floor or a peer that was measured in the same run."""
