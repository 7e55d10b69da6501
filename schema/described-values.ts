/** The values of an enum, each with its description. */
export function describedValues<Value extends string>(
  descriptions: Readonly<Record<Value, string>>,
): Record<Value, { readonly description: string }> {
  return Object.fromEntries(
    Object.entries<string>(descriptions).map(([value, description]) => [value, { description }]),
  ) as Record<Value, { readonly description: string }>;
}
