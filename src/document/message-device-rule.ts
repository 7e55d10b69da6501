import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  type ASTVisitor,
  type FieldNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** Where a selection stands under a subscription. */
type Place = 'root' | 'message' | 'device' | 'lastMessage';

const ofDevice: ReadonlySet<string> = new Set(['__typename', 'id', 'lastSeenAt', 'lastMessage']);

/**
 * Refuses what a subscription cannot tell of the device of a message. A result is
 * rendered once, from the message alone, for all who select the same: `online`
 * and `messages` are not in it. `lastMessage` is the message itself. A `device` in
 * it would be the same one again; and its `gap` is what one subscription missed,
 * which a cache that all subscriptions fill must not keep as a fact about the device.
 *
 * What a directive leaves out is refused too, as a field that does not exist is.
 * For a document that is valid otherwise: a cycle of fragments has no end here.
 */
export function messageDeviceRule(context: ValidationContext): ASTVisitor {
  function check({ selections }: SelectionSetNode, place: Place): void {
    for (const selection of selections) {
      switch (selection.kind) {
        case Kind.FIELD:
          checkField(selection, place);
          break;
        case Kind.INLINE_FRAGMENT:
          check(selection.selectionSet, place);
          break;
        case Kind.FRAGMENT_SPREAD: {
          const fragment = context.getFragment(selection.name.value);
          if (fragment != null) check(fragment.selectionSet, place);
        }
      }
    }
  }

  function checkField(field: FieldNode, place: Place): void {
    const name = field.name.value;
    const problem = problemOf(name, place);
    if (problem !== undefined) {
      context.reportError(
        new GraphQLError(problem, { nodes: field, extensions: { code: 'BAD_USER_INPUT' } }),
      );
      return;
    }
    const below = placeBelow(name, place);
    if (below !== undefined && field.selectionSet !== undefined) check(field.selectionSet, below);
  }

  return {
    OperationDefinition({ operation, selectionSet }) {
      if (operation === OperationTypeNode.SUBSCRIPTION) check(selectionSet, 'root');
    },
  };
}

function problemOf(field: string, place: Place): string | undefined {
  if (place === 'device' && !ofDevice.has(field)) {
    return `Under a subscription, "device" has what its message tells: "id", "lastSeenAt" and "lastMessage". Ask for "${field}" in a query.`;
  }
  if (place === 'lastMessage' && field === 'device') {
    return 'Under a subscription, "lastMessage" is the message itself, and its "device" is the one around it: select there what you need.';
  }
  if (place === 'lastMessage' && field === 'gap') {
    return 'Under a subscription, "gap" is what this subscription missed, and no fact about the device: select it of the message, not of "lastMessage".';
  }
  return undefined;
}

/** Where the selection of a field stands; undefined where everything is allowed. */
function placeBelow(field: string, place: Place): Place | undefined {
  if (place === 'root' && field === 'deviceMessages') return 'message';
  if (place === 'message' && field === 'device') return 'device';
  if (place === 'device' && field === 'lastMessage') return 'lastMessage';
  return undefined;
}
