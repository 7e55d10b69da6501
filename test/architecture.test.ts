import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemTests } from '../vitest.config.ts';

/*
 * The table of docs/architecture.md says which folder may import which. It is
 * read here as data, so that neither the code nor the page can leave the other.
 */
const root = join(import.meta.dirname, '..');

/** A row of the table. */
interface Room {
  /** Folders, with a slash at the end, and single files. */
  readonly paths: readonly string[];
  /** Paths of other rows; null: all rows above. */
  readonly mayImport: readonly string[] | null;
}

const inBackticks = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, t]) => t!);

function readRooms(): Room[] {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const [, , ...rows] = /^\| folder \|.*\n(?:\|.*\n)+/m.exec(page)![0].trimEnd().split('\n');
  return rows.map((row) => {
    const [, folders = '', , allowed = ''] = row.split('|');
    return {
      paths: inBackticks(folders),
      mayImport: allowed.trim() === 'all above' ? null : inBackticks(allowed),
    };
  });
}

const rooms = readRooms();

function roomOf(file: string): Room | undefined {
  const holds = (path: string): boolean =>
    path.endsWith('/') ? file.startsWith(path) : file === path;
  const length = ({ paths }: Room): number =>
    Math.max(0, ...paths.filter(holds).map((path) => path.length));
  const [nearest] = rooms.toSorted((one, other) => length(other) - length(one));
  return nearest !== undefined && length(nearest) > 0 ? nearest : undefined;
}

const filesIn = (...folders: readonly string[]): string[] =>
  folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    )
    .filter((file) => /\.tsx?$/.test(file));

/** What a file imports, values and types, statically and dynamically: its own files by their paths, packages by their names. */
function importedBy(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const specifiers = text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^']+)'/g);
  return [...specifiers].map(([, specifier = '']) => {
    if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
    const [name, entry = 'index'] = specifier.split('/');
    return name === 'sluice-client' ? `client/${entry}.ts` : specifier;
  });
}

const sources = filesIn('src', 'schema', 'client');

/** All imports of the tree's own files. */
const importsOf = new Map(
  sources.map((file) => {
    const files = importedBy(file).filter((name) => /^[^:@].*\/.*\.tsx?$/.test(name));
    return [file, [...new Set(files)]] as const;
  }),
);

describe('the table of folders', () => {
  it('has every file in one row', () => {
    expect(sources.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  it('names rows above alone, so that nothing imports what lies behind it', () => {
    for (const [index, { mayImport }] of rooms.entries()) {
      const above = rooms.slice(0, index).flatMap(({ paths }) => paths);
      for (const path of mayImport ?? []) expect(above).toContain(path);
    }
  });

  it('allows every import that there is', () => {
    const forbidden: string[] = [];
    for (const [file, imported] of importsOf) {
      const room = roomOf(file)!;
      for (const target of imported) {
        const targetRoom = roomOf(target);
        if (targetRoom === room) continue;
        const isAllowed =
          targetRoom !== undefined &&
          (room.mayImport === null
            ? rooms.indexOf(targetRoom) < rooms.indexOf(room)
            : room.mayImport.some((path) => targetRoom.paths.includes(path)));
        if (!isAllowed) forbidden.push(`${file} imports ${target}`);
      }
    }
    expect(forbidden).toEqual([]);
  });

  it('allows no import that there is not', () => {
    const unused = rooms.flatMap((room) => {
      const used = [...importsOf]
        .filter(([file]) => roomOf(file) === room)
        .flatMap(([, imported]) => imported.flatMap((target) => roomOf(target)?.paths ?? []));
      return (room.mayImport ?? [])
        .filter((path) => !used.includes(path))
        .map((path) => `${room.paths.join()}: ${path}`);
    });
    expect(unused).toEqual([]);
  });
});

describe('the files', () => {
  it('import each other in no cycle, by types or dynamically neither', () => {
    const cycles: string[] = [];
    const done = new Set<string>();
    const path: string[] = [];
    function walk(file: string): void {
      if (done.has(file)) return;
      const at = path.indexOf(file);
      if (at !== -1) {
        cycles.push([...path.slice(at), file].map((each) => relative('.', each)).join(' → '));
        return;
      }
      path.push(file);
      for (const target of importsOf.get(file) ?? []) walk(target);
      path.pop();
      done.add(file);
    }
    for (const file of sources) walk(file);
    expect(cycles).toEqual([]);
  });
});

describe('a unit test', () => {
  /** What starts a program, or needs one. */
  const starters = ['node:child_process', 'node:cluster', 'playwright-core'];

  const isUnit = (file: string): boolean =>
    file.endsWith('.test.ts') && !systemTests.some((glob) => matchesGlob(file, glob));

  /** The way from a file to what starts a program; undefined when there is none. */
  function wayToStarter(file: string, seen = new Set<string>()): string[] | undefined {
    if (starters.includes(file)) return [file];
    if (!file.startsWith('test/') || !/\.tsx?$/.test(file) || seen.has(file)) return undefined;
    seen.add(file);
    for (const name of importedBy(file)) {
      const rest = wayToStarter(name, seen);
      if (rest !== undefined) return [file, ...rest];
    }
    return undefined;
  }

  it('starts no program: what does so is among the system tests of vitest.config.ts', () => {
    const units = filesIn('test').filter(isUnit);
    const starting = units.flatMap((file) => {
      const way = wayToStarter(file);
      return way === undefined ? [] : [way.join(' → ')];
    });
    expect(units.length).toBeGreaterThan(0);
    expect(starting).toEqual([]);
  });
});
