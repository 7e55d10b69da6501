import type { IncomingMessage } from 'node:http';
import type { Holder } from '../../bounds/holder.ts';
import type { OperationRequest } from '../../document/operation.ts';
import type { TransportContext } from '../transport-context.ts';

/** A request that is not a GraphQL request, with its HTTP status. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** The value of `extensions.code`. */
  get code(): 'LIMIT_EXCEEDED' | 'BAD_USER_INPUT' | 'REQUEST_TOO_LARGE' | 'BAD_REQUEST' {
    switch (this.status) {
      case 503:
      case 429:
        return 'LIMIT_EXCEEDED';
      case 406:
        return 'BAD_USER_INPUT';
      case 413:
        return 'REQUEST_TOO_LARGE';
      default:
        return 'BAD_REQUEST';
    }
  }

  /** The error as a GraphQL answer without data. */
  get body(): object {
    return { errors: [{ message: this.message, extensions: { code: this.code } }] };
  }
}

/**
 * Automatic persisted queries: the client has sent only the hash of its query. The
 * gateway knows no hashes, and each client sends the text when it gets the code that it
 * knows: Apollo iOS needs the second, urql needs the first to stop trying with each
 * query. Some clients read no body with a status other than 200.
 */
class PersistedQueryError extends RequestError {
  constructor() {
    super(200, 'PersistedQueryNotSupported');
  }

  override get body(): object {
    return {
      data: null,
      errors: [
        { message: this.message, extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } },
        {
          message: 'PersistedQueryNotFound',
          extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
        },
      ],
    };
  }
}

export interface SentOperation {
  readonly operation: OperationRequest;
  /** What a protocol may add to the operation. */
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** A request that has arrived. */
export interface ReadRequest {
  /**
   * Parses the request. This is part of the work of its operation, so it may have to
   * wait for its turn. Throws a RequestError.
   */
  parse(): SentOperation;
  /**
   * MUST be called when the operation has been performed: until then its request counts
   * as memory in use.
   */
  release(): void;
}

/** Reads the query of a GET, or of the HEAD for it, or a POST's JSON body. Throws a RequestError. */
export async function readGraphqlRequest(
  context: TransportContext,
  request: IncomingMessage,
  searchParams: URLSearchParams,
  holder: Holder,
): Promise<ReadRequest> {
  const { incoming } = context;
  if (request.method !== 'POST') {
    const bytes = headLength(request);
    if (!incoming.take(holder, bytes)) throw tooMuchIncoming();
    return {
      parse: () => asSafe(operationInSearch(searchParams)),
      release: () => incoming.give(holder, bytes),
    };
  }
  requireJson(request);
  const { body, release } = await readBody(context, request, holder);
  return { parse: () => operationInBody(body), release };
}

/**
 * Throws a RequestError for a body of any other media type, which a page of another
 * origin could send without a CORS preflight, and for a body that would be misread.
 */
function requireJson({ headers }: IncomingMessage): void {
  const [mediaType, ...parameters] = (headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (mediaType !== 'application/json') {
    throw new RequestError(415, 'The body must be application/json.');
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new RequestError(415, 'The body must be in UTF-8.');
  }
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    throw new RequestError(415, 'The body must not be compressed.');
  }
}

/** Throws a RequestError. */
function operationInSearch(searchParams: URLSearchParams): SentOperation {
  return checked({
    query: searchParams.get('query'),
    operationName: searchParams.get('operationName'),
    variables: parsed(searchParams.get('variables'), 'variables'),
    extensions: parsed(searchParams.get('extensions'), 'extensions'),
  });
}

function asSafe({ operation, extensions }: SentOperation): SentOperation {
  return { operation: { ...operation, isSafe: true }, extensions };
}

/** Throws a RequestError. Programs of .NET and PowerShell begin a body with a byte order mark [RFC 8259, 8.1]. */
function operationInBody(body: string): SentOperation {
  return checked(parsed(body.replace(/^\uFEFF/, ''), 'the body'));
}

function parsed(text: string | null, what: string): unknown {
  if (text === null || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RequestError(400, `${what} is not JSON: ${(cause as Error).message}`);
  }
}

function checked(body: unknown): SentOperation {
  // An array of operations, as Apollo's `BatchHttpLink` and others send it.
  if (Array.isArray(body)) {
    throw new RequestError(
      400,
      'Batching is not supported: send each operation in a request of its own.',
    );
  }
  if (!isObject(body)) throw new RequestError(400, 'A GraphQL request is a JSON object.');
  const { query, operationName, variables, extensions } = body;
  if (query == null && isObject(extensions) && isObject(extensions['persistedQuery'])) {
    throw new PersistedQueryError();
  }
  if (typeof query !== 'string' || query === '') {
    throw new RequestError(400, 'A GraphQL request has a query, which is a string.');
  }
  if (operationName != null && typeof operationName !== 'string') {
    throw new RequestError(400, 'operationName is a string.');
  }
  if (variables != null && !isObject(variables)) {
    throw new RequestError(400, 'variables is a JSON object.');
  }
  if (extensions != null && !isObject(extensions)) {
    throw new RequestError(400, 'extensions is a JSON object.');
  }
  return {
    operation: { query, operationName, variables },
    extensions: extensions ?? {},
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readBody(
  { incoming, refusals, limits }: TransportContext,
  request: IncomingMessage,
  holder: Holder,
): Promise<{ body: string; release: () => void }> {
  const { maxRequestBytes } = limits;
  const chunks: Buffer[] = [];
  let size = 0;
  const release = (): void => incoming.give(holder, size);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (size + chunk.length > maxRequestBytes) {
        refusals.count('REQUEST_SIZE');
        throw new RequestError(413, `The body is larger than ${maxRequestBytes} bytes.`);
      }
      if (!incoming.take(holder, chunk.length)) throw tooMuchIncoming();
      size += chunk.length;
      chunks.push(chunk);
    }
  } catch (error) {
    release();
    // The client disconnected, or was disconnected: there is nobody to answer.
    if (!(error instanceof RequestError) && request.destroyed) throw new RequestAborted();
    throw error;
  }
  return { body: Buffer.concat(chunks).toString(), release };
}

/** The approximate memory of a request's line and headers, in bytes. */
function headLength({ url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((bytes, { length }) => bytes + length, url.length);
}

/** The connection of a request was closed before all of it had arrived. */
export class RequestAborted extends Error {}

function tooMuchIncoming(): RequestError {
  return new RequestError(503, 'Too many requests are arriving at once. Try again later.');
}
