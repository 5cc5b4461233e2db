import Foundation
import Launching
import Testing

private let compiler = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
  FileManager.default.isExecutableFile(atPath: $0)
}

/// A machine that has no more threads, from the start or later: the same result with fewer, or one line; never a wait without
/// end.
@Suite(.serialized, .enabled(if: compiler != nil, "no C compiler")) struct ThreadLimitTests {
  /// A pthread_create that works LAST times.
  private static let source = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <pthread.h>
    #include <stdlib.h>
    int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*body)(void *), void *argument) {
      static int left = -1;
      if (left < 0) left = atoi(getenv("LAST"));
      if (left == 0) return EAGAIN;
      left--;
      return ((int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(RTLD_NEXT, "pthread_create"))(
          thread, how, body, argument);
    }
    """

  private let scene = Scene()
  private let library: String

  init() throws {
    library = scene.path("few.so")
    try Self.source.write(toFile: scene.path("few.c"), atomically: true, encoding: .utf8)
    let outcome = try Program.command([compiler!, "-shared", "-fPIC", "-o", library, scene.path("few.c"), "-ldl"])
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  private func metrics(_ run: String) throws -> [String] {
    let text = try String(contentsOfFile: scene.path("\(run)/metrics.jsonl"), encoding: .utf8)
    return text.matches(of: /"digest":"([0-9a-f]{64})"/).map { String($0.output.1) }
  }

  private func arguments(_ run: String) -> [String] {
    Scene.training("engine.threads=3", "training.epochs=3", "engine.stall-timeout=20", run: run)
  }

  /// Threads of the pool (two), the watch, the heartbeat, the writers of two checkpoints.
  @Test func fewerThreadsAndTheSameResult() throws {
    #expect(try Program.run(arguments("all"), in: scene.folder).code == 0)
    let whole = try metrics("all")
    #expect(whole.count == 3)
    for last in 0...5 {
      let outcome = try Program.run(
        arguments("run\(last)"), environment: ["LD_PRELOAD": library, "LAST": "\(last)"], in: scene.folder)
      #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(last): \(outcome.errors)")
      #expect(outcome.output.contains("a rank computes on \(last + 1) instead of 3") == (last < 2))
      #expect(outcome.output.contains("cannot look for ranks that hang") == (last < 3))
      #expect(outcome.output.contains("there is no thread for the heartbeat") == (last < 4))
      #expect(outcome.output.contains("there is no thread to write checkpoints"))
      #expect(try metrics("run\(last)") == whole)
      #expect(scene.leftovers("run\(last)").isEmpty)
    }
  }

  /// MPI has threads of its own: without them it ends, and a line and a code of ours say so.
  @Test(.enabled(if: Program.hasRanks, "mpirun is not installed")) func underMPI() throws {
    for last in 0...4 {
      let outcome = try Program.command(
        [
          Launcher.mpirun!, "--oversubscribe", "-np", "2", "-x", "LD_PRELOAD=\(library)", "-x", "LAST=\(last)",
          Program.path,
        ]
          + arguments("ranks\(last)"), in: scene.folder)
      if outcome.code == 0 {
        #expect(try metrics("ranks\(last)").count == 3)
      } else {
        #expect(outcome.code == 69 && !outcome.ownErrors.isEmpty, "\(last): \(outcome.code) \(outcome.errors)")
        #expect(outcome.ownErrors.allSatisfy { $0.contains("MPI does not start") && $0.contains("ulimit -u") })
      }
      #expect(last > 0 || outcome.code == 69)
    }
  }
}
