/** What is to be done before the next picture, each once however often it was asked for. */
const due = new Set<() => void>();
let frame: number | undefined;

/** Runs it in the next animation frame. In a tab that nobody sees nothing is drawn. */
export function onNextFrame(draw: () => void): void {
  due.add(draw);
  frame ??= requestAnimationFrame(() => {
    frame = undefined;
    const draws = [...due];
    due.clear();
    for (const each of draws) each();
  });
}

export function cancelFrame(draw: () => void): void {
  due.delete(draw);
}
