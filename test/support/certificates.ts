import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Paths of PEM files. */
export interface Certificates {
  /** The authority that has signed all others. */
  readonly caFile: string;
  readonly server: { readonly certFile: string; readonly keyFile: string };
  readonly client: { readonly certFile: string; readonly keyFile: string };
}

/** An authority of the test's own, and what it has signed: a server at 127.0.0.1, and a client. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const path = (name: string): string => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  const make = (name: string, further: readonly string[] = []): Promise<unknown> => {
    const written = ['-keyout', path(`${name}.key`), '-out', path(`${name}.pem`)];
    const subject = ['-days', '2', '-subj', `/CN=${name}`];
    return run('openssl', ['req', '-x509', ...key, ...subject, ...written, ...further]);
  };
  await make('authority');
  const signed = ['-CA', path('authority.pem'), '-CAkey', path('authority.key')];
  const leaf = ['-addext', 'basicConstraints=critical,CA:FALSE'];
  await make('server', [...signed, ...leaf, '-addext', 'subjectAltName=IP:127.0.0.1']);
  await make('client', [...signed, ...leaf]);
  const files = (name: string) => ({ certFile: path(`${name}.pem`), keyFile: path(`${name}.key`) });
  return { caFile: path('authority.pem'), server: files('server'), client: files('client') };
}
