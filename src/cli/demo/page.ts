/** A page of HTML around what is in it, with its looks inside: it needs nothing else. */
import { escaped } from './svg.ts';

/** @param looks as CSS. @param body markup */
export const page = (title: string, looks: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${looks}</style>
</head>
<body>
${body}
</body>
</html>
`;
