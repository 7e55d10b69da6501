import { connect, type ConnectOptions } from '../../client/graphql-ws.ts';
import { Inbox } from './inbox.ts';
import { Statuses } from './statuses.ts';

const query = `subscription ($deviceIds: [ID!]!, $after: [DevicePosition!], $replay: Int) {
  deviceMessages(deviceIds: $deviceIds, after: $after, replay: $replay) {
    deviceId payload position gap { missed reason }
  }
}`;

interface Answer {
  readonly data?: {
    readonly deviceMessages: {
      readonly deviceId: string;
      readonly payload: unknown;
      readonly gap: { readonly missed: number | null; readonly reason: string } | null;
    };
  } | null;
}

/** A connection with what it has told: its statuses, its warnings, and the messages as `a 1`. */
export function followOver(url: string, options: ConnectOptions = {}) {
  const statuses = new Statuses();
  const warnings = new Inbox<string>();
  const messages = new Inbox<string>();
  const ends = new Inbox<unknown>();
  const connection = connect(url, {
    minRetryMs: 1,
    maxRetryMs: 20,
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  connection.subscribeToStatus(statuses.take);
  return {
    connection,
    statuses,
    warnings,
    messages,
    /** Why subscriptions have ended; undefined for one that was completed. */
    ends,
    follow: (...deviceIds: string[]) =>
      connection.subscribe(
        { query, variables: { deviceIds } },
        {
          next({ data }) {
            const { deviceId, payload, gap } = (data as Answer['data'])!.deviceMessages;
            const missed = gap === null ? '' : ` gap ${gap.missed} ${gap.reason}`;
            messages.push(`${deviceId} ${JSON.stringify(payload)}${missed}`);
          },
          error: (error) => ends.push(error),
          complete: () => ends.push(undefined),
        },
      ),
  };
}
