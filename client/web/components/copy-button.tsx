import { useState } from 'preact/hooks';

/** Puts a text on the clipboard, and says whether that worked. */
export function CopyButton({
  label,
  what,
  text,
}: {
  readonly label: string;
  /** What is copied, for those who do not see what stands beside the button. */
  readonly what: string;
  readonly text: () => string;
}) {
  const [said, setSaid] = useState<string>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setSaid('Copied');
    } catch {
      // A page that came over plain HTTP from another machine has no clipboard.
      setSaid('Not allowed here');
    }
  };
  return (
    <button
      type="button"
      title={`Copies ${what}`}
      onClick={() => void copy()}
      onBlur={() => setSaid(undefined)}
    >
      {said ?? label} <span class="unseen">{said === undefined ? what : ''}</span>
    </button>
  );
}
