"""`make bench`: every benchmark, one table after the other. `--large` adds 10,000 cells."""

import sys

from benchmarks import bench_commands, bench_engine, bench_media

if __name__ == "__main__":
    bench_commands.main()
    print()
    bench_media.main()
    print()
    bench_engine.main(large="--large" in sys.argv)
