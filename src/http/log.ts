/**
 * What the log is told of a request, an answer and an error: never a key, a body or a query, which may hold names and reasons. Of an error
 * of the database the message stays, since it is all that an operator has; its details are rows, and the parameters that Drizzle appends
 * are values that were sent.
 */
type Logged = { type: string; message: string; stack: string; [more: string]: unknown }

const withoutValues = (text: string) => text.replace(/\nparams:[^\n]*/g, '')

function errorOf(error: unknown, depth = 0): Logged {
  if (!(error instanceof Error)) return { type: typeof error, message: 'no error', stack: '' }
  const { cause, stack = '' } = error
  return {
    type: error.name,
    ...('code' in error && { code: String(error.code) }),
    message: withoutValues(error.message),
    stack: withoutValues(stack),
    ...(cause !== undefined && depth < 3 && { cause: errorOf(cause, depth + 1) }),
  }
}

/** The serializers of Fastify's logger. */
export const serializers = {
  req: ({ method, url, ip }: { method: string; url: string; ip?: string }) => ({ method, path: url.split('?')[0], address: ip }),
  res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
  err: (error: unknown) => errorOf(error),
}
