import type { CodegenConfig } from '@graphql-codegen/cli';

/** As any user of the contract can generate them for a program of their own. */
const typedDocuments = {
  preset: 'client',
  presetConfig: { fragmentMasking: false },
  config: {
    importExtension: '.ts',
    useTypeImports: true,
    enumsAsTypes: true,
    strictScalars: true,
    scalars: {
      JSON: 'unknown',
      DateTime: 'string',
      SafeInt: 'number',
      Position: 'string',
    },
  },
} as const;

/** The typed documents of the client package and of the dashboard. */
const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  generates: {
    'client/generated/': { ...typedDocuments, documents: 'client/*.graphql' },
    'client/web/generated/': { ...typedDocuments, documents: 'client/web/*.graphql' },
  },
};

export default config;
