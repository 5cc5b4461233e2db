import Testing
import Training

/// The end of a job by SLURM's variables: what can be right holds, all else is named. Now is 2,000,000,000.
@Suite struct JobEndTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let environment: [String: String]
    var groups = "0::/user.slice\n"
    /// Seconds left, or words of the note.
    var remaining: Double? = nil
    var words: [String] = []
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "no job", environment: [:]),
    Case(name: "a job", environment: ["SLURM_JOB_END_TIME": "2000000600", "SLURM_JOB_ID": "7"], remaining: 600),
    Case(name: "by itself", environment: ["SLURM_JOB_END_TIME": "2000000600"], remaining: 600),
    Case(
      name: "a job in its group",
      environment: [
        "SLURM_JOB_END_TIME": "2000000600", "SLURM_JOB_ID": "7", "SLURM_JOBID": "7",
        "SLURM_JOB_START_TIME": "1999999000",
      ], groups: "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0\n", remaining: 600),
    Case(
      name: "past", environment: ["SLURM_JOB_END_TIME": "1999999999", "SLURM_JOB_ID": "7"],
      words: ["SLURM_JOB_END_TIME=1999999999", "past", "ignored"]),
    Case(name: "this very second", environment: ["SLURM_JOB_END_TIME": "2000000000"], words: ["past"]),
    Case(
      name: "another job's group",
      environment: ["SLURM_JOB_END_TIME": "2000000600", "SLURM_JOB_ID": "7"],
      groups: "4:memory:/slurm/uid_0/job_71/step_batch\n", words: ["another job", "job 71", "SLURM_JOB_ID is 7"]),
    Case(
      name: "two numbers", environment: ["SLURM_JOB_END_TIME": "2000000600", "SLURM_JOB_ID": "7", "SLURM_JOBID": "8"],
      words: ["another job", "SLURM_JOBID 8"]),
    Case(
      name: "not begun", environment: ["SLURM_JOB_END_TIME": "2000000600", "SLURM_JOB_START_TIME": "2000000300"],
      words: ["another job", "SLURM_JOB_START_TIME"]),
    Case(name: "a word", environment: ["SLURM_JOB_END_TIME": "soon"], words: ["SLURM_JOB_END_TIME=soon", "no time"]),
    Case(name: "infinite", environment: ["SLURM_JOB_END_TIME": "inf"], words: ["no time"]),
    Case(name: "a number with an exponent", environment: ["SLURM_JOB_END_TIME": "2e9"], words: ["no time"]),
    Case(name: "negative", environment: ["SLURM_JOB_END_TIME": "-5"], words: ["no time"]),
    Case(name: "empty", environment: ["SLURM_JOB_END_TIME": ""], words: ["no time"]),
    Case(name: "beyond all calendars", environment: ["SLURM_JOB_END_TIME": "99999999999999999999"], words: ["no time"]),
  ]

  @Test(arguments: cases) func judges(_ example: Case) {
    let end = JobEnd(environment: example.environment, now: 2_000_000_000, groups: example.groups)
    #expect(end.remaining == example.remaining)
    #expect((end.note == nil) == example.words.isEmpty)
    for word in example.words { #expect(end.note?.contains(word) == true, "\(end.note ?? "")") }
  }
}
