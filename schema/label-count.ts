import { labelWord, type Label } from '../src/metrics/metric.ts';
import { labels } from '../src/metrics/catalogue.ts';
import type { Builder } from './builder.ts';

/** One value of any label, and its count. */
export type LabelledCount = {
  readonly reason?: string;
  readonly transport?: string;
} & { readonly count: number };

/**
 * Adds the types of all labels to the builder. Returns a function that finds the type
 * for a label: the type of a value with its count, for example `DropCount` with the
 * enum `DropReason`.
 */
export function addCountTypes(builder: Builder): (label: Label) => CountRef {
  const types = new Map(labels.map((label) => [label, addCountType(builder, label)]));
  return (label) => {
    const type = types.get(label);
    if (type === undefined) throw new TypeError(`the label ${label.enumName} is not in the list`);
    return type;
  };
}

type CountRef = ReturnType<typeof addCountType>;

function addCountType(builder: Builder, label: Label) {
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
