import fc from 'fast-check'

const chosen = process.env['PROPERTY_SEED']

/** Every run tries the same cases. `PROPERTY_SEED=7 npx pnpm@12 test` tries others. */
fc.configureGlobal({ seed: chosen === undefined ? 1 : Number(chosen) })
