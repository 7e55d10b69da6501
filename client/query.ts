import { connectionLost, errorAt, failureOfAnswer, failureOfErrors } from './failure.ts';
import type { Answer, Operation } from './link.ts';
import { SluiceError } from './sluice-error.ts';

export interface QueryOptions {
  readonly url: string;
  /** The same for a person. */
  readonly address: string;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** Asks once, over HTTP. Rejects with a `SluiceError`. */
export async function query(operation: Operation, options: QueryOptions): Promise<unknown> {
  let response: Response;
  let body: string;
  try {
    response = await options.fetch(options.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      },
      body: JSON.stringify(operation),
      signal: options.signal,
    });
    body = await response.text();
  } catch (cause) {
    if (options.signal.aborted) {
      throw new SluiceError('ABORTED', 'The query was given up.', { cause });
    }
    throw errorAt(options.address, connectionLost('the gateway cannot be reached', cause));
  }
  const answer = response.ok ? parse(body) : undefined;
  if (answer?.errors !== undefined) throw errorAt(options.address, failureOfErrors(answer.errors));
  if (answer?.data == null) throw errorAt(options.address, failureOfAnswer(response.status, body));
  return answer.data;
}

function parse(body: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    // A page of a proxy's, as a rule: told as an answer that is none of the gateway's.
    return undefined;
  }
}
