import { visible } from '../state/visible-text.ts';

/** A device id or a topic, as it came from outside: whatever it is made of, it turns nothing around it. */
export function DeviceName({ id }: { readonly id: string }) {
  return <bdi>{visible(id)}</bdi>;
}
