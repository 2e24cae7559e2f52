"""`make bench`: every benchmark, one table after the other."""

from benchmarks import bench_commands, bench_media

if __name__ == "__main__":
    bench_commands.main()
    print()
    bench_media.main()
