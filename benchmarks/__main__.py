"""`make bench`: every benchmark, one table after the other.

python -m benchmarks [--large] [CLIP …]      `--large`: 10,000 cells too; CLIPs: not synthetic
"""

import sys

from benchmarks import (
    bench_commands,
    bench_engine,
    bench_estimates,
    bench_ledger,
    bench_media,
    bench_previews,
    bench_ranking,
    bench_report,
    bench_sync,
)

if __name__ == "__main__":
    bench_commands.main()
    print()
    bench_media.main(sys.argv[1:])
    print()
    bench_previews.main(sys.argv[1:])
    print()
    bench_report.main()
    print()
    bench_sync.main()
    print()
    bench_ranking.main()
    print()
    bench_estimates.main()
    print()
    bench_ledger.main()
    print()
    bench_engine.main(large="--large" in sys.argv)
