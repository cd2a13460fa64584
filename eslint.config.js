// The linter's rules: typescript-eslint's strict type-aware set, plus this project's own bans.

import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const MONEY = '/(amount|balance|money|price|fee|debit|credit|cashback)s?$/i';
const TO_NUMBER = '/^(Number|parseFloat|parseInt)$/';

const bans = {
  defaultExport: { selector: 'ExportDefaultDeclaration', message: 'No default exports: name the thing.' },
  exportAll: { selector: 'ExportAllDeclaration', message: 'No barrels: import the file that defines the thing.' },
  reExport: { selector: 'ExportNamedDeclaration[source]', message: 'No barrels: import the file that defines the thing.' },
  exit: {
    selector: "CallExpression[callee.object.name='process'][callee.property.name='exit']",
    message: 'Only cli/ exits the process: throw a LedgerflowError.',
  },
  env: {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Settings come from infra/runtime/config.ts (loadConfig, hostEnvironment).',
  },
  parseFloat: {
    selector: "CallExpression[callee.name='parseFloat']",
    message: 'Money never passes through a float; use decimal.js or text.',
  },
  moneyToNumber: {
    selector: `CallExpression[callee.name=${TO_NUMBER}] > MemberExpression.arguments[property.name=${MONEY}]`,
    message: 'Money never passes through a float; use decimal.js or text.',
  },
  moneyNameToNumber: {
    selector: `CallExpression[callee.name=${TO_NUMBER}] > Identifier.arguments[name=${MONEY}]`,
    message: 'Money never passes through a float; use decimal.js or text.',
  },
  toNumber: {
    selector: `CallExpression[callee.property.name='toNumber'] > MemberExpression[property.name='toNumber'][object.name=${MONEY}]`,
    message: 'Money never passes through a float; keep the Decimal.',
  },
};

/** The restricted-syntax rule with every ban except the named ones. */
function banned(...allowed) {
  const selected = Object.entries(bans).filter(([name]) => !allowed.includes(name));
  return { 'no-restricted-syntax': ['error', ...selected.map(([, ban]) => ban)] };
}

export default defineConfig(
  { ignores: ['node_modules/**', '.ledgerflow/**', 'coverage/**', '**/*.cjs', 'dashboards/web/dist/**', 'test-artefacts/**'] },
  ...tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    rules: {
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'no-param-reassign': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      // Indexing in hot loops under noUncheckedIndexedAccess, and flags that change while a function awaits, need these off.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      ...banned(),
    },
  },
  { files: ['infra/runtime/config.ts'], rules: banned('env') },
  { files: ['cli/**/*.ts'], rules: { 'no-console': 'off', ...banned('exit') } },
  { files: ['bench/**/*.ts'], rules: { 'no-console': 'off', ...banned('env') } },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', '**/testing/**/*.ts', '**/*testkit*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
      ...banned('env'),
    },
  },
  { files: ['*.config.ts'], rules: banned('defaultExport', 'env') },
  {
    // Scripts that run before the dependencies are installed, and the linter's own file: plain JavaScript, no type information.
    files: ['**/*.mjs', '**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-undef': 'off' },
  },
);
