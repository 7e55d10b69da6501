/** A reservation of the single connection mode of GraphQL over server-sent events. */
export interface Reservation {
  readonly token: string;
  /** Where its stream is. */
  readonly streamUrl: string;
  /** Resolves when the operation was taken. */
  operate(id: string, operation: object): Promise<void>;
}

export async function openReservation(url: string): Promise<Reservation> {
  const response = await fetch(`${url}/graphql`, { method: 'PUT' });
  if (response.status !== 201) throw new Error(`no reservation: ${response.status}`);
  const token = await response.text();
  return {
    token,
    streamUrl: `${url}/graphql?token=${token}`,
    async operate(id, operation) {
      const { status } = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-graphql-event-stream-token': token },
        body: JSON.stringify({ ...operation, extensions: { operationId: id } }),
      });
      if (status !== 202) throw new Error(`the operation was not taken: ${status}`);
    },
  };
}
