import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  type ASTVisitor,
  type FieldNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** The type of the object that a selection under a subscription is on. */
type Place = 'root' | 'message' | 'device' | 'lastMessage';

const ofDevice: ReadonlySet<string> = new Set(['__typename', 'id', 'lastSeenAt', 'lastMessage']);

/**
 * Refuses fields of a message's device that a subscription cannot deliver. A result is
 * rendered once, from the message alone, for all clients with the same selection, so
 * `online` and `messages` are not available. `lastMessage` is the message itself. A
 * `device` in it would be the same one again; and its `gap` is what one subscription
 * missed, which a client's cache must not keep as a fact about the device.
 *
 * A field that a directive leaves out is refused too, as an unknown field is. The
 * document MUST be valid otherwise: a cycle of fragments would not end here.
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
    return `Under a subscription, "device" has only the fields "id", "lastSeenAt" and "lastMessage". Select "${field}" in a query.`;
  }
  if (place === 'lastMessage' && field === 'device') {
    return 'Under a subscription, "lastMessage" is the message itself, and its "device" is the enclosing one: select the fields there.';
  }
  if (place === 'lastMessage' && field === 'gap') {
    return 'Under a subscription, "gap" is what this subscription missed, and not a fact about the device: select it on the message, not on "lastMessage".';
  }
  return undefined;
}

/** The place of a field's selection; undefined where every field is allowed. */
function placeBelow(field: string, place: Place): Place | undefined {
  if (place === 'root' && field === 'deviceMessages') return 'message';
  if (place === 'message' && field === 'device') return 'device';
  if (place === 'device' && field === 'lastMessage') return 'lastMessage';
  return undefined;
}
