import Datasets
import Testing

@Test func impossibleRequests() {
  func load(_ change: (inout DatasetRequest) -> Void) throws {
    var request = DatasetRequest()
    change(&request)
    _ = try DatasetCatalog.load(request)
  }
  expectFailure(.configuration, "data.limit-train is 0") { try load { $0.limitTrain = 0 } }
  expectFailure(.configuration, "data.limit-test is -1") { try load { $0.limitTest = -1 } }
  expectFailure(.configuration, "data.validation is 1.0") { try load { $0.validation = 1 } }
  expectFailure(.configuration, "data.validation is nan") { try load { $0.validation = .nan } }
  expectFailure(.configuration, "data.size is 20", "multiple of 8") { try load { $0.size = 20 } }
  expectFailure(.configuration, "data.size is 8") { try load { $0.size = 8 } }
  expectFailure(.configuration, "at least 1") { try load { $0.testCount = 0 } }
}
