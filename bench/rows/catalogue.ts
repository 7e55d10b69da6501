import type { DialogueName } from '../load/dialogue.ts';
import { mercuriusRow } from './mercurius.ts';
import { mosquittoRow } from './mosquitto.ts';
import { startOwnServer } from './node-server.ts';
import type { Row } from './row.ts';
import { sluiceRows } from './sluice.ts';

function own(name: string, about: string, dialogue: DialogueName): Row {
  const script = `${name}-server.ts`;
  return {
    name,
    about,
    dialogue,
    isBroker: false,
    collects: true,
    start: (site) => startOwnServer(name, script, site),
  };
}

/** In the order of the table. */
export const rows: readonly Row[] = [
  ...sluiceRows,
  own('ws-joined', 'the control: bare ws, one write per socket and turn', 'plain-websocket'),
  own('ws-each', 'bare ws, one send per subscriber', 'plain-websocket'),
  own('stock', 'graphql-yoga, graphql-ws and createPubSub', 'graphql-websocket'),
  mercuriusRow,
  mosquittoRow,
];
