/** Resolves when this turn of the event loop is over, and with it everything that was due in it. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Whether a promise has settled by the end of this turn: what hangs is told at once, and not by a time limit. */
export async function settlesInThisTurn(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await endOfTurn();
  return settled;
}
