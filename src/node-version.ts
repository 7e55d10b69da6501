/** What to do about a Node.js that is too old; undefined when it is not. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 15)) return undefined;
  return (
    `sluice needs Node.js 22.15 or newer, and this is v${version}. Inside the repository ` +
    '"npm install" brings Node.js 24 and "npm start" uses it; elsewhere install Node.js 24.'
  );
}
