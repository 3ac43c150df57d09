import fc from 'fast-check'

const chosen = process.env['PROPERTY_SEED']

/**
 * Every run tries the same cases. `PROPERTY_SEED=7 npx pnpm@12 test` tries others. Lists, texts and bytes are as long as
 * their test allows: without that, fast-check stops at ten, whatever `maxLength` says.
 */
fc.configureGlobal({
  seed: chosen === undefined ? 1 : Number(chosen),
  defaultSizeToMaxWhenMaxSpecified: true,
})
