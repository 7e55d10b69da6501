/** Of the releases with long-term support, the oldest that can ignore an offer of another protocol (`Upgrade: h2c`). */
const oldestMinors: ReadonlyMap<number, number> = new Map([
  [22, 21],
  [24, 9],
]);

/** What to do about a Node.js that `engines` in package.json excludes; undefined when it does not. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const oldestMinor = oldestMinors.get(major) ?? (major >= 26 ? 0 : Number.POSITIVE_INFINITY);
  if (minor >= oldestMinor) return undefined;
  return (
    `sluice needs Node.js 22 from 22.21, 24 from 24.9, or 26 or newer, and this is v${version}. Inside the repository ` +
    '"npm install" brings Node.js 24 and "npm start" uses it; elsewhere install Node.js 24.'
  );
}
