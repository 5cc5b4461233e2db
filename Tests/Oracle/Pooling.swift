// Global average pooling: the mean over all pixels of each picture and channel.

/// [N, C, H, W] to [N, C].
package func globalAveragePooling(_ x: OracleTensor) -> OracleTensor {
  let pixels = x.shape[2] * x.shape[3]
  var y = OracleTensor(shape: [x.shape[0], x.shape[1]])
  for i in x.values.indices { y.values[i / pixels] += x.values[i] / Double(pixels) }
  return y
}

/// dx [N, C, H, W] (`inputShape`) from dy [N, C].
package func globalAveragePoolingBackward(_ dy: OracleTensor, inputShape: [Int]) -> OracleTensor {
  let pixels = inputShape[2] * inputShape[3]
  var dx = OracleTensor(shape: inputShape)
  for i in dx.values.indices { dx.values[i] = dy.values[i / pixels] / Double(pixels) }
  return dx
}
