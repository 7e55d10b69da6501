import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows beyond those in sight, above and below. */
const margin = 4;

export interface VirtualListOptions<T> {
  readonly label: string;
  readonly items: readonly T[];
  /** In pixels; all rows have it. */
  readonly rowHeight: number;
  readonly keyOf: (item: T) => string | number;
  readonly row: (item: T) => ComponentChildren;
  readonly isSelected: (item: T) => boolean;
  /** By a click, by Space or by Enter. */
  readonly choose: (item: T) => void;
  readonly multiselectable?: boolean;
  /** Whether what is in sight stays where it is when items come before it. */
  readonly anchored?: boolean;
}

/**
 * A list box of rows of one height, of which those in sight are there. The focus
 * is the list's, which tells the row that the arrow keys are at: a row that is
 * scrolled out of sight takes no focus with it.
 */
export function VirtualList<T>(options: VirtualListOptions<T>) {
  const { label, items, rowHeight, keyOf, row, isSelected, choose } = options;
  const box = useRef<HTMLDivElement>(null);
  const prefix = useId();
  const [firstInSight, setFirstInSight] = useState(0);
  const [inSight, setInSight] = useState(12);
  const [active, setActive] = useState<string | number>();
  const anchor = useRef<{ key: string | number; index: number }>(undefined);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setInSight(Math.ceil(entry!.contentRect.height / rowHeight)),
    );
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, [rowHeight]);

  useLayoutEffect(() => {
    const { key, index } = anchor.current ?? {};
    if (options.anchored && key !== undefined && index !== undefined && index > 0) {
      const now = items.findIndex((item) => keyOf(item) === key);
      if (now > index) box.current!.scrollTop += (now - index) * rowHeight;
    }
    const item = items[firstInSight];
    anchor.current = item && { key: keyOf(item), index: firstInSight };
  }, [items, firstInSight]);

  const first = Math.max(0, Math.min(firstInSight, items.length - inSight) - margin);
  const shown = items.slice(first, first + inSight + 2 * margin);
  // A row keeps its element while it is in sight, and one that leaves hands it to one that comes.
  const slots = inSight + 2 * margin;
  const activeIndex = shown.findIndex((item) => keyOf(item) === active);

  function goTo(index: number): void {
    const at = Math.max(0, Math.min(items.length - 1, index));
    if (items[at] === undefined) return;
    setActive(keyOf(items[at]));
    const { scrollTop, clientHeight } = box.current!;
    if (at * rowHeight < scrollTop) box.current!.scrollTop = at * rowHeight;
    const bottom = (at + 1) * rowHeight - clientHeight;
    if (bottom > scrollTop) box.current!.scrollTop = bottom;
    // With the row that is told, and not with the event of the scroll, which comes later.
    setFirstInSight(Math.floor(box.current!.scrollTop / rowHeight));
  }

  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = items.findIndex((item) => keyOf(item) === active);
    const target = targetOf(event.key, at === -1 ? firstInSight - 1 : at, inSight, items.length);
    if (target !== undefined) goTo(target);
    else if ((event.key === ' ' || event.key === 'Enter') && at !== -1) choose(items[at]!);
    else return;
    event.preventDefault();
  }

  return (
    <div
      class="scroll"
      ref={box}
      tabIndex={0}
      role="listbox"
      aria-label={label}
      aria-multiselectable={options.multiselectable}
      aria-activedescendant={activeIndex === -1 ? undefined : `${prefix}-${first + activeIndex}`}
      onKeyDown={press}
      onScroll={(event) => setFirstInSight(Math.floor(event.currentTarget.scrollTop / rowHeight))}
    >
      <div class="extent" role="none" style={{ height: `${items.length * rowHeight}px` }}>
        {shown.map((item, i) => {
          const index = first + i;
          return (
            <div
              key={index % slots}
              id={`${prefix}-${index}`}
              role="option"
              class="option"
              aria-selected={isSelected(item)}
              aria-posinset={index + 1}
              aria-setsize={items.length}
              data-active={keyOf(item) === active ? '' : undefined}
              style={{ height: `${rowHeight}px`, transform: `translateY(${index * rowHeight}px)` }}
              onClick={() => {
                setActive(keyOf(item));
                choose(item);
              }}
            >
              {row(item)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function targetOf(key: string, at: number, page: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return at + 1;
    case 'ArrowUp':
      return at - 1;
    case 'PageDown':
      return at + page - 1;
    case 'PageUp':
      return at - page + 1;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
