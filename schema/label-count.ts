import { labelWord, type Label } from '../src/metrics/metric.ts';
import { labels } from '../src/metrics/catalogue.ts';
import { builder } from './builder.ts';

/** One value of any label, and its count. */
export type LabelledCount = {
  readonly reason?: string;
  readonly transport?: string;
} & { readonly count: number };

const types = new Map(labels.map((label) => [label, typeOf(label)]));

/** The type for a value of this label and its count: `DropCount`, with the enum `DropReason`. */
export function countTypeOf(label: Label) {
  const type = types.get(label);
  if (type === undefined) throw new TypeError(`the label ${label.enumName} is not in the list`);
  return type;
}

function typeOf(label: Label) {
  const { name, values } = label;
  const valueType = builder.enumType(label.enumName, {
    description: label.enumDescription,
    values: Object.fromEntries(
      Object.entries(values).map(([key, description]) => [labelWord(key), { description }]),
    ),
  });
  return builder.objectRef<LabelledCount>(label.countName).implement({
    description: label.countDescription,
    fields: (t) => ({
      [name]: t.field({
        type: valueType,
        description: label.nameDescription,
        resolve: (each) => each[name]!,
      }),
      count: t.expose('count', { type: 'SafeInt', description: label.numberDescription }),
    }),
  });
}
