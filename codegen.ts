import type { CodegenConfig } from '@graphql-codegen/cli';

/** The typed documents of the client package: what any user of the contract can generate for a program of their own. */
const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: 'client/**/*.graphql',
  generates: {
    'client/generated/': {
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
    },
  },
};

export default config;
