import * as kind from '../config/kind.ts';
import { definitions, variableOf } from '../config/setting.ts';
import { parseTopicTemplate } from '../config/topic-template.ts';
import { UsageError } from './command-error.ts';
import { option, type CommandOption, type OptionValues } from './option.ts';

const deviceIdLevel = '{deviceId}';

/** What every command that publishes takes. The variables are those of `sluice serve`. */
export const brokerOptions = {
  mqttUrl: option({
    kind: definitions.mqttUrl.kind,
    description: 'the MQTT broker: mqtt, mqtts, ws or wss',
    default: 'mqtt://127.0.0.1:1883',
    variable: variableOf('mqttUrl'),
  }),
  mqttUsername: setting('mqttUsername', 'the user name for it'),
  mqttPassword: setting(
    'mqttPassword',
    'the password; rather set the variable, a flag can be seen in the list of processes',
  ),
  mqttCaFile: setting('mqttCaFile', 'certificate authorities (PEM) to check its certificate with'),
  mqttCertFile: setting('mqttCertFile', 'the certificate (PEM) to show to it, with its key'),
  mqttKeyFile: setting('mqttKeyFile', 'the key (PEM) of that certificate'),
  topic: option({
    kind: kind.parsed('a topic, in which {deviceId} stands for the device', 'topic', checkTopic),
    description: 'the topic, in which {deviceId} stands for the device',
    default: 'devices/{deviceId}/messages',
  }),
  qos: option({
    kind: kind.choice([0, 1, 2], 'qos'),
    description: '0 at most once, 1 at least once (waits for the broker to say so), 2 exactly once',
    default: 1,
  }),
  timeoutS: option({
    kind: kind.integer({ min: 0, max: 86_400, placeholder: 'seconds' }),
    description: 'how long to go without the broker before giving up; 0: for ever',
    default: 30,
  }),
};

export type BrokerOptions = OptionValues<typeof brokerOptions>;

export function checkBrokerOptions({ mqttCertFile, mqttKeyFile }: BrokerOptions): void {
  if ((mqttCertFile === undefined) !== (mqttKeyFile === undefined)) {
    throw new UsageError('--mqtt-cert-file and --mqtt-key-file are of use together only.');
  }
}

export function hasDeviceId(topic: string): boolean {
  return topic.includes(deviceIdLevel);
}

/** Throws a UsageError when the device id cannot stand in a topic. */
export function topicOf(topic: string, deviceId: string): string {
  if (deviceId === '' || /[/+#\0]/.test(deviceId) || !deviceId.isWellFormed()) {
    throw new UsageError(
      `--device-id is ${JSON.stringify(deviceId)}: it stands in one level of the topic, so it takes no "/", "+" or "#", and must not be empty`,
    );
  }
  return topic.replaceAll(deviceIdLevel, () => deviceId);
}

function checkTopic(text: string): void {
  parseTopicTemplate(text, { deviceIdRequired: false });
  if (/[+#]/.test(text)) throw new TypeError('"+" and "#" are for reading, not for publishing');
}

type TextSetting = 'mqttUsername' | 'mqttPassword' | 'mqttCaFile' | 'mqttCertFile' | 'mqttKeyFile';

function setting(name: TextSetting, description: string): CommandOption<string, undefined> {
  return {
    kind: definitions[name].kind,
    description,
    default: undefined,
    variable: variableOf(name),
  };
}
