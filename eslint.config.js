import { vueTsConfigs, withVueTs } from '@vue/eslint-config-typescript'
import prettier from 'eslint-config-prettier/flat'
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

export default withVueTs(
  { rootDir: import.meta.dirname },
  {
    name: 'switchboard/ignored',
    ignores: ['out/**', 'dist/**', 'coverage/**', 'test-results/**', 'playwright-report/**'],
  },
  { name: 'switchboard/strict-disables', linterOptions: { reportUnusedDisableDirectives: 'error' } },

  vue.configs['flat/recommended'],
  vueTsConfigs.recommendedTypeChecked,

  {
    name: 'switchboard/rules',
    files: ['**/*.ts', '**/*.vue'],
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-deprecated': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Handlers share one async signature; some of them have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
    },
  },
  {
    name: 'switchboard/components',
    files: ['**/*.vue'],
    rules: {
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-macros-order': 'error',
      'vue/no-v-html': 'error',
      'vue/require-typed-ref': 'error',
      // Optional props are `undefined` when not given: the types say so.
      'vue/require-default-prop': 'off',
      // `App` and the like are clear without a second word.
      'vue/multi-word-component-names': 'off',
    },
  },
  {
    name: 'switchboard/no-console',
    files: ['src/{shared,main,preload,renderer}/**/*.{ts,vue}'],
    rules: { 'no-console': 'error' },
  },
  {
    name: 'switchboard/tests',
    files: ['**/*.test.ts', 'e2e/**/*.ts'],
    rules: {
      // `expect(spy.method)` hands a method over without calling it, as it should.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    name: 'switchboard/plain-scripts',
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
  },
  {
    name: 'switchboard/commonjs',
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  prettier,
)
