import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** A list of rows of one height, of which those in sight are there. */
export function VirtualList<T>({
  label,
  items,
  rowHeight,
  row,
}: {
  readonly label: string;
  readonly items: readonly T[];
  readonly rowHeight: number;
  readonly row: (item: T) => ComponentChildren;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setHeight(entry!.contentRect.height));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(top / rowHeight) - 4);
  const shown = items.slice(first, first + Math.ceil(height / rowHeight) + 8);
  return (
    <div
      class="scroll"
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={label}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <div class="extent" style={{ height: `${items.length * rowHeight}px` }}>
        <ul style={{ transform: `translateY(${first * rowHeight}px)` }}>{shown.map(row)}</ul>
      </div>
    </div>
  );
}
