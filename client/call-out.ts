/** Calls a function of the program's: what it throws is the program's, and must not end a connection. */
export function callOut<T>(call: ((value: T) => void) | undefined, value: T): void {
  try {
    call?.(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
