/** The operations that the client sends by itself, as `npm run codegen` writes them. */
export const CurrentPositionsText =
  'query CurrentPositions($deviceIds:[ID!]!$replay:Int){currentPositions(deviceIds:$deviceIds replay:$replay){deviceId position}}';
export const DeviceMessagesText =
  'subscription DeviceMessages($deviceIds:[ID!]!$after:[DevicePosition!]$replay:Int$overflow:OverflowPolicy$maxQueued:Int$minIntervalMs:Int){deviceMessages(deviceIds:$deviceIds after:$after replay:$replay overflow:$overflow maxQueued:$maxQueued minIntervalMs:$minIntervalMs){deviceId topic payload receivedAt retained position gap{missed reason}}}';
export const NeverHeardText =
  'query NeverHeard($deviceIds:[ID!]!){currentPositions(deviceIds:$deviceIds){deviceId heard}}';
