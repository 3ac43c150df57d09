/** The size limit of each entry of the published packages, as `.size-limit.ts` has them. */
export { default as bundleLimits } from '../.size-limit.ts'
