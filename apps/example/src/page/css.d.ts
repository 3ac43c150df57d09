declare module '*.css'
/** Its text, which the script brings along. */
declare module '*.css?inline' {
  const text: string
  export default text
}
