import { visible } from '../observe/terminal-text.ts';

/**
 * What a command tells while it works, on the standard error output: on a
 * terminal in one line that is rewritten in place, elsewhere in lines, few of
 * them.
 */
export interface Progress {
  /** Whether there is a line in place. */
  readonly isLive: boolean;
  /** Puts this into the line in place, or does nothing where there is none. May have colours in it. */
  show(text: string): void;
  /** Says what it waits for. Elsewhere than on a terminal once, until it is something else. */
  waiting(text: string): void;
  /** There is nothing to wait for any more. */
  arrived(): void;
  /** A line that stays, or several. */
  note(text: string): void;
  /** Takes the line in place away for as long as it takes to write something else to the terminal. */
  around(write: () => void): void;
  /** Takes the line in place away. */
  end(): void;
}

const clearLine = '\r\u001b[2K';
/** A terminal is a place for people, who read no more than ten lines in a second. */
const redrawMs = 100;

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const isLive = stream.isTTY;
  let line = '';
  let isShown = false;
  let timer: NodeJS.Timeout | undefined;
  let waitingFor = '';
  // Nobody reads it any more: nothing to be done, and the work goes on.
  stream.on('error', () => {});

  function hide(): void {
    if (isShown) stream.write(clearLine);
    isShown = false;
  }
  function draw(): void {
    if (line === '') return;
    stream.write(`${clearLine}${line}`);
    isShown = true;
  }
  function around(write: () => void): void {
    hide();
    write();
    if (line !== '') timer ??= setTimeout(redraw, redrawMs);
  }
  function redraw(): void {
    timer = undefined;
    draw();
  }
  function show(text: string): void {
    if (!isLive || text === line) return;
    line = text;
    if (line === '') hide();
    else timer ??= setTimeout(redraw, redrawMs);
  }

  return {
    isLive,
    show,
    waiting(text) {
      const safe = visible(text);
      if (isLive) show(safe);
      else if (safe !== waitingFor) stream.write(`${safe}\n`);
      waitingFor = safe;
    },
    arrived() {
      waitingFor = '';
      show('');
    },
    note(text) {
      const lines = text.split('\n').map(visible);
      around(() => stream.write(`${lines.join('\n')}\n`));
    },
    around,
    end() {
      clearTimeout(timer);
      timer = undefined;
      line = '';
      hide();
    },
  };
}
