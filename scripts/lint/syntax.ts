/** A node of the syntax tree, as far as the rules here look at it. */
export interface SyntaxNode {
  readonly type: string
  readonly async?: boolean
  readonly parent?: SyntaxNode
  readonly [key: string]: unknown
}

/** The context of a rule. */
export interface RuleContext {
  report(problem: { node: SyntaxNode; message: string }): void
}

/** A rule of the linter. */
export interface Rule {
  create(context: RuleContext): Record<string, (node: SyntaxNode) => void>
}
