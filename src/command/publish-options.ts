import * as kind from '../config/kind.ts';
import { brokerOptions } from './broker-options.ts';
import { option } from './option.ts';

export const publishOptions = {
  deviceId: option({
    kind: kind.text('a device id', 'id'),
    description: 'the device that the message is of',
    default: undefined,
  }),
  payload: option({
    kind: kind.text('a JSON document', 'json'),
    description: 'the message',
    default: undefined,
  }),
  file: option({
    kind: kind.readableFile,
    description: 'a file with the message; with the name .ndjson or .jsonl one message a line',
    default: undefined,
  }),
  ...brokerOptions,
};
