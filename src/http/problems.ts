/**
 * Errors on the wire: `application/problem+json` (RFC 9457) in English or, where the client prefers it, in Chinese. Two tables hold
 * every code once: `problems` are whole answers with their status, `faults` are the single mistakes listed under `errors`.
 * Codes are part of the contract: they are never renamed. Words in braces are filled in from the parameters of the error.
 */

import type { IncomingHttpHeaders } from 'node:http'
import Negotiator from 'negotiator'

type Words = readonly [en: string, zh: string]
type Entry = readonly [status: number, title: Words, detail: Words]

export const problems = {
  'invalid-request': [400, ['The request is not valid', '请求有误'], ['{count} mistake(s) in the path, query or headers; see errors', '路径、查询参数或请求头有 {count} 处错误，见 errors']],
  'invalid-body': [400, ['The body is not valid', '请求内容有误'], ['{count} mistake(s) in the body; nothing was written; see errors', '请求内容有 {count} 处错误，未写入任何数据，见 errors']],
  'malformed-json': [400, ['The body is not JSON', '请求内容不是有效的 JSON'], ['The body cannot be read as JSON: {reason}', '无法解析 JSON{reasonZh}']],
  'invalid-cursor': [400, ['The cursor is not valid', '游标无效'], ['The cursor is damaged or of another version; start again without it', '游标已损坏或版本不符，请去掉游标重新开始']],
  'cursor-of-another-filter': [
    400,
    ['The cursor belongs to another filter', '游标与筛选条件不符'],
    ['A cursor continues the very list it came from; repeat its filter or start again without it', '游标只能用于产生它的同一查询，请使用原筛选条件或去掉游标重新开始'],
  ],
  'import-rejected': [400, ['Nothing was imported', '未导入任何数据'], ['The file has {count} mistake(s), see errors; nothing was imported{hint}', '文件有 {count} 处错误，见 errors；未导入任何数据{hintZh}']],
  'import-empty': [400, ['Nothing to import', '没有可导入的数据'], ['No row of the file is filled in; nothing was imported', '文件中没有已填写的数据行，未导入任何数据']],
  'malformed-gzip': [400, ['The body is not gzip', '请求内容不是有效的 gzip'], ['The body says it is gzip, but cannot be inflated: {reason}', '请求声明为 gzip，但无法解压']],
  'upload-broken-off': [400, ['The upload broke off', '上传中断'], ['The body ended before it was complete; nothing was imported', '请求内容未传完，未导入任何数据']],
  'bad-url': [400, ['The address is not valid', '地址有误'], ['The request or its address cannot be read; percent-encode everything but ASCII', '无法解析请求或地址；中文等字符须作百分号编码']],
  'credentials-required': [401, ['Credentials are required', '需要身份凭证'], ['Send a key as “Authorization: Bearer …”; whoever runs this register issues it', '请以 Authorization: Bearer … 提交密钥；密钥由本系统的管理员（admin）签发']],
  'credentials-invalid': [
    401,
    ['The credentials are not valid', '身份凭证无效'],
    ['This is neither a key of this register nor a token that it accepts; check that it was copied whole', '既不是本系统的密钥，也不是可接受的令牌，请检查是否复制完整'],
  ],
  'key-expired': [401, ['The key has expired', '密钥已过期'], ['It was valid until {until}; ask for a new one', '有效期至 {until}，请申请新的密钥']],
  'key-revoked': [401, ['The key was revoked', '密钥已吊销'], ['It was revoked on {at}; ask for a new one', '已于 {at} 吊销，请申请新的密钥']],
  'token-expired': [401, ['The token has expired', '令牌已过期'], ['Ask the identity provider for a new one', '请向身份平台重新获取令牌']],
  'token-without-role': [
    401,
    ['The token gives no role here', '令牌没有本系统的权限'],
    ['It names no role of this register, or a reporter or steward without a region', '令牌未注明本系统的角色，或填报员（reporter）、数据主管（steward）缺少管辖范围'],
  ],
  'role-too-low': [403, ['The role does not allow this', '权限不足'], ['This needs the role {needed}; yours is {role}', '需要{neededZh}（{needed}）权限，当前为{roleZh}（{role}）']],
  'outside-region': [403, ['Outside of your region', '超出管辖范围'], ['{code} is not in {region}, the region of your credentials', '{code} 不在您的管辖范围 {region} 内']],
  'country-only': [
    403,
    ['Only for the whole country', '仅限全国权限'],
    [
      'This concerns more than {region}, the region of your credentials: name a place inside it where the operation takes one; what concerns the whole country is for credentials without a region',
      '此操作涉及 {region} 以外的地区：可指定地区的，请指定您管辖范围内的地区；涉及全国的（如关闭报告期），须用管辖全国的密钥',
    ],
  ],
  'unknown-key': [404, ['No such key', '密钥不存在'], ['No key has the id {id}', '没有编号为 {id} 的密钥']],
  'unknown-route': [404, ['There is nothing at this address', '地址不存在'], ['No route {method} {path}; see /docs', '没有 {method} {path}，请查阅 /docs']],
  'unknown-indicator': [404, ['No such indicator', '指标不存在'], ['The catalogue has no figure “{code}”{nearest}', '目录中没有“{code}”{nearestZh}']],
  'unknown-region': [404, ['No such region', '行政区划不存在'], ['No region has the code {code}', '没有代码为 {code} 的行政区划']],
  'unknown-township': [404, ['No such township', '乡镇不存在'], ['No township has the code {code}', '没有代码为 {code} 的乡镇（街道）']],
  'unknown-period': [404, ['No such period', '报告期不存在'], ['The period {code} has not been created; POST /v1/periods makes it', '报告期 {code} 尚未建立，可用 POST /v1/periods 新建']],
  'unknown-import': [404, ['No such import', '导入记录不存在'], ['No import has the id {id}', '没有编号为 {id} 的导入记录']],
  'record-absent': [404, ['Not reported', '未填报'], ['{township} has no record of this category in {period}; PUT makes one', '{township} 在 {period} 没有该类数据，可用 PUT 新建']],
  'report-absent': [404, ['Not reported', '未填报'], ['{township} has reported nothing in {period}', '{township} 在 {period} 没有任何数据']],
  'absent-then': [404, ['Not reported then', '当时未填报'], ['{township} had nothing of this in {period} as of {asOf}', '截至 {asOf}，{township} 在 {period} 没有该数据']],
  'succession-absent': [404, ['Nothing recorded', '没有登记'], ['Nothing is recorded of {code} on {day}; see its successions', '{code} 在 {day} 没有登记沿革，请查阅其沿革']],
  'unknown-revision': [404, ['No such revision', '版本不存在'], ['This record has no revision {revision}; the newest is {newest}', '该数据没有版本 {revision}，最新版本为 {newest}']],
  'extension-absent': [404, ['No extension', '没有延期'], ['{region} has no extension of its own in {period}', '{region} 在 {period} 没有单独的延期']],
  'method-not-allowed': [405, ['Method not allowed', '不支持的请求方法'], ['{method} is not possible here; allowed: {allow}', '此处不支持 {method}，可用：{allow}']],
  'period-closed': [
    409,
    ['The period is closed', '报告期已关闭'],
    ['{period} takes no more writes; a steward may correct records of the own region, with a reason', '{period} 已关闭，不再接收数据；数据主管（steward）可说明理由更正本辖区的数据'],
  ],
  'key-not-active': [409, ['The key is not in use', '密钥已失效'], ['Key {id} has expired or was revoked; issue another', '密钥 {id} 已过期或被吊销，请另行签发']],
  'key-replaced': [409, ['The key has a successor', '密钥已更换'], ['Key {id} was replaced by {successor}; replace that one', '密钥 {id} 已更换为 {successor}，请更换 {successor}']],
  'idempotency-running': [409, ['The request is still running', '相同请求仍在处理'], ['A request with this Idempotency-Key has not been answered yet; try again shortly', '使用此 Idempotency-Key 的请求尚未完成，请稍后重试']],
  'answer-sealed': [
    409,
    ['The answer is not shown again', '应答不再显示'],
    [
      'The request took effect, but its answer holds a secret that is shown to the credential of then alone; see {location}, and replace the key if it is lost',
      '请求已生效，但应答含有密钥，只能以当时的凭证再次查看；请查阅 {location}，密钥若已丢失请更换',
    ],
  ],
  'period-exists': [409, ['The period exists', '报告期已存在'], ['{period} was created before', '{period} 已经建立']],
  'township-exists': [409, ['The township exists', '乡镇已存在'], ['{code} is the code of {name}', '{code} 是{name}的代码']],
  'code-used-before': [409, ['The code was used before', '代码曾经使用'], ['{code} was in use until {day}; a code that was abolished is never used again', '{code} 使用至 {day}，停用的代码不再启用']],
  'township-not-in-use': [409, ['The township is not in use', '乡镇不在使用中'], ['{code} is not in use on {day}', '{code} 在 {day} 不在使用中']],
  'succession-cycle': [409, ['The succession goes in a circle', '沿革形成循环'], ['By what is recorded, {code} would succeed itself', '按已登记的沿革，{code} 将继承其自身']],
  'succession-conflict': [409, ['It contradicts what is recorded', '与已登记的沿革矛盾'], ['{code} has a change on {day} that this contradicts; see its successions', '与 {code} 在 {day} 的变更矛盾，请查阅其沿革']],
  'region-exists': [409, ['The region exists', '行政区划已存在'], ['{code} is the code of {name}', '{code} 是{name}的代码']],
  'write-conflict': [409, ['Too many writers', '写入冲突'], ['Others kept changing this record; try again', '该记录正被多方同时修改，请重试']],
  'cursor-of-another-database': [
    410,
    ['Start over', '须从头读取'],
    ['The database is not the one that this cursor is from, or was restored from a copy; drop what you keep and read again without `{parameter}`', '数据库已更换或由备份恢复，游标不再有效：请清空本地副本，去掉 {parameter} 从头读取'],
  ],
  'precondition-failed': [
    412,
    ['The condition does not hold', '条件不符'],
    ['What is stored now is not what If-Match, If-None-Match or `revision` say; read it again and take the ETag of the answer', '当前内容与 If-Match、If-None-Match 或 revision 所述不符，请重新读取，并以应答中的 ETag 为准'],
  ],
  'not-acceptable': [406, ['None of the accepted types is there', '没有可接受的格式'], ['There is {offered}', '可用格式：{offered}']],
  'body-too-large': [413, ['The body is too large', '请求内容过大'], ['At most {limit} bytes', '不得超过 {limit} 字节']],
  'unsupported-media-type': [415, ['The content type is not supported', '不支持的内容类型'], ['Send {expected}; received {received}', '请使用 {expected}，收到的是 {received}']],
  'unsupported-encoding': [415, ['The content encoding is not supported', '不支持的内容编码'], ['Send the body as it is or as gzip; received {received}', '请直接发送或使用 gzip，收到的是 {received}']],
  'idempotency-key-reused': [
    422,
    ['The Idempotency-Key was used before', 'Idempotency-Key 已用于其他请求'],
    ['It stands for another request: another address, query or body. Every new request needs a key of its own', '此 Idempotency-Key 已用于另一请求（地址、参数或内容不同），每个新请求须使用新的值'],
  ],
  'precondition-required': [428, ['If-Match is required', '需要 If-Match'], ['This would delete {names}; read the report and send its ETag as If-Match', '此操作将删除“{namesZh}”数据，请先读取报告并以 If-Match 提交其 ETag']],
  'too-many-requests': [429, ['Too many requests', '请求过于频繁'], ['At most {limit} requests a minute; try again in {seconds} s', '每分钟最多 {limit} 次请求，请 {seconds} 秒后重试']],
  'too-many-failures': [
    429,
    ['Too many failed authentications', '身份验证失败次数过多'],
    ['Credentials from this address failed too often; check them and try again in {seconds} s', '来自此地址的身份验证多次失败，请核对凭证，{seconds} 秒后重试'],
  ],
  'correction-needs-condition': [
    428,
    ['A correction needs If-Match', '更正需要 If-Match'],
    [
      '{period} is closed: a correction names what it corrects and says why; send the ETag of the record as If-Match (* is not enough) or its `revision` in the body, or If-None-Match: * for a new one, and add `reason` to the query',
      '{period} 已关闭：更正须以 If-Match 提交该数据的 ETag（不能用 *）或在内容中写明 revision，新增则用 If-None-Match: *，并在查询参数中加上 reason 说明理由',
    ],
  ],
  'header-too-large': [431, ['The headers are too large', '请求头过大'], ['Shorten the address or the headers', '请缩短地址或请求头']],
  internal: [500, ['Something failed on our side', '服务内部错误'], ['Tell the operator the request id', '请将请求编号告知管理员']],
  'exports-busy': [503, ['Too many exports at a time', '导出任务过多'], ['All connections for exports are taken; try again shortly', '导出连接已全部占用，请稍后重试']],
  unavailable: [503, ['The register is not available now', '服务暂不可用'], ['The database does not answer; try again shortly', '数据库暂无响应，请稍后重试']],
} as const satisfies Record<string, Entry>

export const faults = {
  'wrong-type': ['must be {expected}, not {received}{hint}', '应为{expectedZh}，收到的是 {received}{hintZh}'],
  'not-whole': ['must be a whole number, not {received}', '应为整数，收到的是 {received}'],
  'null-value': [
    'null is not a value: leave it out; in a PATCH null removes a figure or remark, or all of figures, remarks, others or source',
    '不能为 null：未填报请省略；PATCH 可用 null 删除单项数据或说明，也可删除全部 figures、remarks、others 或 source',
  ],
  'out-of-range': ['must be {limit}', '应{limitZh}'],
  'too-many-decimals': ['may have at most {decimals} decimals', '小数不得超过 {decimals} 位'],
  'too-long': ['may have at most {limit} characters', '不得超过 {limit} 个字符'],
  'too-short': ['must have at least {limit} character(s)', '至少需要 {limit} 个字符'],
  'not-allowed': ['must be one of {allowed}', '只能是 {allowed}'],
  'bad-text': ['holds NUL or half a surrogate pair, which are no characters', '含有无效字符（NUL 或不成对的代理字符）'],
  'no-body': ['this operation has no body; leave it out, a reason stands in the query', '此操作不带内容，请去掉；理由写在查询参数中'],
  'bad-etag': ['is no list of ETags: send the ETag as it was answered, quotation marks included, such as "3-1", or *; received {received}', '不是 ETag：请按应答中的 ETag 原样提交，包括英文双引号，如 "3-1"，或填 *；收到的是 {received}'],
  'bad-key-name': ['is no name: one line, not blank, without < and >, which stand for the subjects of tokens', '名称有误：须为单行、不能为空白，且不得含 < 或 >（用于标明令牌的用户标识）'],
  'bad-format': ['must be a valid {format}', '不是有效的{formatZh}'],
  'repeated-key': ['“{name}” stands twice in one object; leave one of them out', '“{name}”在同一对象中重复出现，请只保留一个'],
  'too-deep': ['is nested deeper than {limit} levels', '嵌套超过 {limit} 层'],
  'too-many-digits': ['{received} has more digits than can be kept; give at most 15', '{received} 位数过多，无法原样保存，请最多给出 15 位有效数字'],
  required: ['“{name}” is missing', '缺少“{name}”'],
  'unknown-property': ['“{name}” is not known here{hint}', '不支持“{name}”{hintZh}'],
  'unknown-parameter': ['there is no query parameter “{name}”', '没有查询参数“{name}”'],
  'unknown-figure': ['the catalogue has no figure “{name}”{nearest}', '目录中没有“{name}”{nearestZh}'],
  'figure-of-another-category': ['“{name}” belongs to {category}', '“{name}”属于“{categoryZh}”类'],
  'remark-on-breakdown': ['“{name}” is a breakdown; remarks stand on its members, such as {example}', '“{name}”为分项数据，说明应写在各分项上，例如 {example}'],
  'qualifier-without-value': ['a {word} needs a value beside it', '没有数值时不能有 {word}'],
  'missing-beside-value': ['“missing” says why there is no value, but there is one', '已有数值，不能再填“missing”'],
  impossible: ['{message}; correct it, or explain it under remarks: {note}', '{messageZh}；请更正，或在 remarks 中说明：{note}'],
  'not-the-path': ['is “{received}”, but the path says “{expected}”', '为“{received}”，与路径中的“{expected}”不一致'],
  'bad-township': ['a township code has 9 digits, not “{received}”{hint}', '乡镇代码应为 9 位数字，收到的是“{received}”{hintZh}'],
  'bad-region': ['a region code has 2, 4 or 6 digits, not “{received}”', '行政区划代码应为 2、4 或 6 位数字，收到的是“{received}”'],
  'bad-place': ['the code of a region or township has 2, 4, 6 or 9 digits, not “{received}”', '区划或乡镇代码应为 2、4、6 或 9 位数字，收到的是“{received}”'],
  'bad-period': ['a period is a year, half, quarter or month (2024, 2024-H1, 2024-Q3, 2024-06), not “{received}”', '报告期应为年、半年、季度或月（2024、2024-H1、2024-Q3、2024-06），收到的是“{received}”'],
  'too-early': ['must not be before {day}', '不得早于 {day}'],
  'too-late': ['must not be after {day}', '不得晚于 {day}'],
  'in-the-future': ['is still to come: it is {now} now', '尚未到来：现在是 {now}'],
  'wrong-number': ['a {kind} has {expected}', '“{kindZh}”应有{expectedZh}'],
  'same-code': ['must be another code than {code}', '不得与 {code} 相同'],
  'same-county': ['a transfer leads out of the county {county}', '划转应至 {county} 以外的县级区划'],
  'too-many-values': ['may name at most {limit}', '最多 {limit} 个'],
  'repeated-value': ['“{name}” is named twice', '“{name}”重复'],
  'mixed-periods': ['all periods must be of one kind; {first} and {other} are not', '各报告期须为同一类，{first} 与 {other} 不同类'],
  'by-not-finer': ['“{by}” is not finer than the region {region}', '“{byZh}”不比区划 {region} 更细'],
  'too-many-totals': ['the answer would hold {count} totals, at most {limit}: name a region, fewer periods or fewer figures', '将有 {count} 个汇总数，一次最多 {limit} 个：请指定区划，或减少报告期、指标'],
  'not-with-format': ['“{name}” is not possible with {format}', '{format} 不支持“{name}”'],
  'not-a-place': ['is neither a region nor a township: {code}', '不是行政区划或乡镇代码：{code}'],
  'correction-reason': ['{period} is closed: a correction says why; add `reason` to the query', '{period} 已关闭：更正须说明理由，请在查询参数中加上 reason'],
  'bad-idempotency-key': ['has 1 to 255 visible ASCII characters, in quotes or without', '应为 1 至 255 个可见 ASCII 字符，可加引号'],
  'no-such-township': ['no township has the code {code}', '没有代码为 {code} 的乡镇（街道）'],
  'no-such-region': ['no region has the code {code}', '没有代码为 {code} 的行政区划'],
  'no-such-period': ['the period {code} has not been created', '报告期 {code} 尚未建立'],
  'no-such-revision': ['this record has no revision {revision}; the newest is {newest}', '该数据没有版本 {revision}，最新版本为 {newest}'],
  'json-syntax': ['the row is not JSON: {reason}', '本行不是有效的 JSON{reasonZh}'],
  'json-encoding': ['the row is not UTF-8', '本行不是有效的 UTF-8 编码'],
  'json-not-object': ['a row is an object, not {received}', '每行应为对象，收到的是 {received}'],
  'json-delete-with-body': ['a row that deletes has only a place; leave out {names}', '删除行只需乡镇和报告期，请去掉 {names}'],
  'array-expected': ['the file is not an array: it must begin with “[” (byte {position}); send single lines as application/x-ndjson', '文件不是数组，应以“[”开头（第 {position} 字节）；逐行数据请用 application/x-ndjson'],
  'array-trailing': ['something follows the end of the array (byte {position})', '数组结束后还有其他内容（第 {position} 字节）'],
  'array-unfinished': ['the file ends before the end of the array (byte {position})', '文件在数组结束前中断（第 {position} 字节）'],
  'array-gap': ['a row is missing between two commas (byte {position})', '两个逗号之间缺少一行（第 {position} 字节）'],
  'row-repeated': ['row {other} is the same township, period and category', '与第 {other} 行的乡镇、报告期和类别相同'],
  'revision-mismatch': ['the stored revision is {current}, not {expected}; read or export it again', '当前版本为 {current}，不是 {expected}，请重新读取或导出后再改'],
  'changed-since': ['{township} in {period} has been changed since, to revision {current}, and was left as it is', '{township} 的 {period} 数据此后已被改动（现为版本 {current}），未恢复'],
  'record-absent': ['no such record is stored, or none any more; a row that makes one has neither revision nor mode=patch, and does not delete', '该数据不存在或已删除，无可修改；新建的行不带版本（revision）、修改方式（mode）和删除标记'],
  'period-closed': ['{period} takes no more writes; a steward corrects single records, with a reason', '{period} 已关闭，不再接收数据；如需更正，由数据主管逐条说明理由更正'],
  'file-encoding': ['the file holds bytes that are not {charset}; in Excel save it as “CSV UTF-8”', '文件中有不符合 {charset} 编码的内容，请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”'],
  'file-is-workbook': ['this is an Excel workbook; save the sheet as “CSV UTF-8” and send that', '这是 Excel 工作簿，请将工作表另存为“CSV UTF-8（逗号分隔）”后再上传'],
  'file-is-web-page': ['this is a web page or XML, though its name may end in .xls; open it in Excel and save the sheet as “CSV UTF-8”', '这是网页或 XML 文件（扩展名可能是 .xls），请用 Excel 打开后另存为“CSV UTF-8（逗号分隔）”'],
  'file-empty': ['no header with rows below it was found; a sheet is CSV, and JSON is sent as application/json or application/x-ndjson', '未找到表头及其下的数据行；表格须为 CSV，JSON 请以 application/json 或 application/x-ndjson 上传'],
  'header-missing': ['none of the first five lines names a figure or “township”; the first begins “{text}”', '前五行中没有可识别的表头（如“乡镇代码”或指标名称），首行为“{text}”'],
  'header-unknown': ['there is no column “{name}”{nearest} (those known are in the template, /v1/imports/template)', '不识别的列“{name}”{nearestZh}（可用的列见模板 /v1/imports/template）'],
  'header-repeated': ['“{name}” in column {column} says the same as column {other}; delete one of them', '{column} 列“{name}”与 {other} 列重复，请删除其中一列'],
  'header-ambiguous': ['“{name}” can be {first} or {second}; write the code of the figure instead', '“{name}”可能是 {first} 或 {second}，请改用指标代码作表头'],
  'header-unit-above': [
    'a note outside the table says “{text}”, but “{name}” is counted in {allowed}: convert the column and take the note away, or write the unit into each cell, such as 12.5{text}',
    '表外注明“{text}”，而“{name}”列以{allowed}计：请换算后删去该说明，或在每个单元格写明单位（如 12.5{text}）',
  ],
  'header-unit': [
    '“{name}” counts in {given}, the register in {allowed}; write {allowed} in the header and convert, or write the unit in each cell',
    '“{name}”的单位是{given}，本项以{allowed}计：请换算后把表头单位改为{allowed}，或在各单元格内写明单位',
  ],
  'header-without-figure': ['“{name}” has no column of its figure beside it', '“{name}”没有对应的数据列'],
  'header-of-another-category': ['“{name}” belongs to {category}', '“{name}”属于“{categoryZh}”类'],
  'sheet-of-another-category': [
    'this is a sheet of {category}, not of {expected}: {count} columns belong there; import it with that `category`, or send the right file',
    '这是“{categoryZh}”的表，不是“{expectedZh}”的表（{count} 列属于前者）：请改选类别（category），或换用正确的文件',
  ],
  'header-without-township': ['no column says the township; add “township” (9 digits) or “name”', '缺少乡镇列，请加上“乡镇代码”（9 位）或“乡镇名称”列'],
  'header-without-category': ['neither the request nor a column says the category, and the headers do not settle it; add `category`', '无法确定数据类别，请在请求中指定 category，或加上“类别”列'],
  'header-without-period': ['neither the request nor a column says the period; add `period`', '无法确定报告期，请在请求中指定 period，或加上“报告期”列'],
  'row-syntax': ['a quotation mark stands inside a cell or is never closed; put the cell in quotes and double those inside it, as Excel does', '单元格中的英文双引号不成对：请在 Excel 中重新另存，或将单元格用双引号括起、其中的双引号写两遍'],
  'row-too-long': ['the row is longer than any record can be', '本行过长'],
  'row-ragged': ['the row has {cells} cells, the header {headers}; a comma inside a cell needs quotes around the cell', '本行有 {cells} 个单元格，表头只有 {headers} 个：单元格内含逗号时须用双引号括起'],
  'row-total': ['“{text}” is a total; delete the row, totals are computed', '“{text}”是合计行，请删除该行，合计由系统计算'],
  'row-footnote': ['“{text}” is a note below the table and no township; delete the row', '“{text}”是表格附注，不是乡镇数据，请删除该行'],
  'row-revision': ['“{text}” is not a revision; it is a number from 1 on, or empty', '“{text}”不是版本号，应为大于 0 的整数，或留空'],
  'row-deleted': ['“{text}” does not say whether the row deletes; write true, or leave it empty', '“{text}”未说明是否删除，请填“是”或留空'],
  'row-delete-with-body': ['a row that deletes has only a place; empty {names}', '删除行只需乡镇和报告期，请清空 {names}'],
  'row-json': ['“{name}” holds JSON such as {form}, or nothing', '“{name}”列应为 JSON，如 {form}，或留空'],
  'row-remark': ['there is no figure “{path}” in this category to remark on', '本类中没有可加说明的数据“{path}”'],
  'row-period-missing': ['the row does not say its period', '本行没有报告期'],
  'row-period-unreadable': ['“{text}” is not a period; write 2024, 2024-H1, 2024-Q3 or 2024-06', '“{text}”不是报告期，请填 2024、2024年上半年、2024年第3季度或 2024年6月'],
  'row-period-date': ['“{text}” is a day and not a period; for the month write {hint} in a cell formatted as text, for the year the year alone', '“{text}”是日期，不是报告期：月报请填“{hint}”（单元格设为文本格式），年报只填年份'],
  'row-period-mismatch': ['“{text}” is not the period of this import, {period}', '“{text}”与本次导入的报告期 {period} 不一致'],
  'row-category-missing': ['the row does not say its category; fill it in, or add `category` to the request', '本行没有类别，请填写，或在请求中指定 category'],
  'row-category-unknown': ['“{text}” is not a category; there are {allowed}', '没有“{text}”这一类别，可用：{allowedZh}'],
  'row-category-mismatch': ['“{text}” is not the category of this import, {category}', '“{text}”与本次导入的类别“{categoryZh}”不一致'],
  'row-township-missing': ['the row does not say its township', '本行没有乡镇代码或名称'],
  'row-township-unreadable': ['“{text}” is not a township code; it has 9 digits, or 12 that end in 000', '“{text}”不是乡镇代码，应为 9 位数字（或末三位为 000 的 12 位代码）'],
  'row-township-scientific': [
    'Excel has shortened the code to “{text}” and its digits are lost; format the column as text or number without decimals and fill in the codes again',
    'Excel 已将代码变为“{text}”，原数字已丢失：请将该列设为文本格式后重新填写代码',
  ],
  'row-township-village': ['“{text}” is the code of a village; the township is {code}', '“{text}”是村（社区）代码，所属乡镇代码为 {code}'],
  'row-outside-region': ['{code} is not in {region}, the region of your credentials', '{code} 不在您的管辖范围 {region} 内'],
  'row-township-unknown': ['no township has the code {code}', '没有代码为 {code} 的乡镇（街道）'],
  'row-township-unnamed': ['no township is called “{name}” here{nearest}; write its code', '找不到名为“{name}”的乡镇（街道）{nearestZh}请更正，或填写代码'],
  'row-township-ambiguous': [
    '{count} townships are called “{name}”: {candidates}; write the code, or import with the `region` of the county',
    '名为“{name}”的乡镇（街道）有 {count} 个：{candidates}，请填写代码，或在请求中用 region 指定县（市、区）',
  ],
  'row-township-mismatch': ['{code} is not the code of “{name}”; was one column sorted without the other?', '代码 {code} 与名称“{name}”不是同一乡镇，请检查是否只对其中一列排了序'],
  'row-township-outside': ['{code} is not in the region {region} of this import', '{code} 不在本次导入的行政区划 {region} 内'],
  'row-county-unnamed': ['no county is called “{text}” here; correct it, or write the code of the township', '找不到名为“{text}”的县（市、区），请更正，或填写乡镇代码'],
  'row-county-mismatch': ['the township “{township}” does not lie in “{text}”; correct one of them', '乡镇“{township}”不在“{text}”境内，请更正其中之一'],
  'cell-without-header': ['“{text}” stands in the column “{name}”, which is not imported; empty the cell or leave the column out', '“{name}”列不导入，但填有“{text}”：请清空该单元格，或删去该列'],
  'cell-of-another-category': ['“{name}” is not a figure of the category of this row; leave the cell empty', '“{name}”不属于本行的类别，请清空该单元格（现为“{text}”）'],
  'mark-unknown': ['“{text}” is not a qualifier; write atLeast, atMost, about, notApplicable, notCollected, withheld, unquantified, or leave it empty', '“{text}”不是限定词，可填：不少于、不超过、约、不适用、未统计、不公开、无确数，或留空'],
  'mark-conflict': ['“{text}” does not go with what stands in “{name}”; to clear a figure, empty both cells', '“{text}”与“{name}”列所填内容不符；要清除该数据，请将两格都清空'],
  'cell-ambiguous': ['“{text}” can be read in more than one way; write {readings}', '“{text}”有歧义，请改填 {readingsZh}'],
  'cell-contradiction': ['“{text}” says at least and at most at once; write one of them, such as 20余 or 20以内', '“{text}”同时有“以上”和“以下”的意思，请只填一种，如“20余”或“20以内”'],
  'cell-date': ['“{text}” is a date; Excel makes dates of entries such as 3-5: format the cell as text and write the number', '“{text}”是日期（Excel 会把 3-5 之类的输入变成日期），请将单元格设为文本格式后填写数字'],
  'cell-decimals': ['“{text}” has more decimals than the {allowed} allowed here', '“{text}”的小数位过多，此列最多 {allowed} 位小数（0 位即只能填整数）'],
  'cell-excel-error': ['“{text}” is an error of Excel or a column too narrow; correct the formula or widen the column, then save again', '“{text}”是 Excel 的错误值或列宽不足的显示，请改正公式或加宽列后重新保存'],
  'cell-formula': ['“{text}” is a formula; paste its value', '“{text}”是公式，请粘贴为数值'],
  'cell-grouping': ['the digits of “{text}” are grouped in a way that leaves doubt; write them without commas and spaces', '“{text}”的分隔位置不清，请去掉数字中间的逗号和空格'],
  'cell-interval': ['“{text}” is a range; write one number, such as 20余 (at least), 约25 (about) or 30以内 (at most)', '“{text}”是区间，请填一个数：如“20余”“约25”或“30以内”'],
  'cell-note': ['“{text}” holds more than the number; leave the explanation out', '“{text}”除数字外还有说明，请只填数字'],
  'cell-range': ['“{text}” is too large; at most {allowed}', '“{text}”超出范围，最大为 {allowed}'],
  'cell-scientific': ['Excel has shortened the number to “{text}”; format the column as number and write all digits', 'Excel 已将数字变为“{text}”，请将该列设为数值格式并填写完整数字'],
  'cell-signed': ['“{text}” is negative or signed; a figure is 0 or more', '“{text}”带有正负号，应填不小于 0 的数'],
  'cell-unit': ['“{text}” is in {given}, this column in {allowed}', '“{text}”的单位是{given}，此列以{allowed}计，请换算后填写'],
  'cell-unreadable': ['“{text}” is not a number; write digits such as 20, 20余 or 约20, “/” where it does not apply, or leave it empty', '“{text}”不是数字：请填 20、20余、约20 等，不适用填“/”，未填报留空'],
} as const satisfies Record<string, Words>

export type ProblemCode = keyof typeof problems
export type FaultCode = keyof typeof faults
export type Params = Record<string, string | number>
export type Language = 'en' | 'zh'

/** One mistake. `pointer` is a JSON Pointer into the body (RFC 6901), `parameter` a path or query parameter, `header` a header. */
export type Fault = { pointer?: string; parameter?: string; header?: string; code: FaultCode; params?: Params }

/** What a handler throws: a whole answer. `headers` are set on the response. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly params: Params
  readonly faults: readonly Fault[]
  readonly headers: Record<string, string>
  constructor(code: ProblemCode, params: Params = {}, faults: readonly Fault[] = [], headers: Record<string, string> = {}) {
    super(code)
    this.code = code
    this.params = params
    this.faults = faults
    this.headers = headers
  }
}

/** Mistakes listed in one answer; what is over the limit is only counted. */
const listed = 2000

/** A 400 that lists every mistake. */
export function invalid(code: 'invalid-body' | 'invalid-request', faults: readonly Fault[]): ProblemError {
  return new ProblemError(code, { count: faults.length }, faults.slice(0, listed))
}

/** The language the client prefers of the two that we speak; English where it does not say (RFC 9110, 12.5.4). */
export function languageOf(headers: IncomingHttpHeaders): Language {
  return new Negotiator({ headers }).language(['en', 'zh']) === 'zh' ? 'zh' : 'en'
}

/** A mistake in plain words. */
export function faultText(code: FaultCode, params: Params, language: Language): string {
  return filled(faults[code], language, params)
}

function filled(words: Words, language: Language, params: Params): string {
  return words[language === 'zh' ? 1 : 0].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? `{${name}}`))
}

/** The body of a problem in one language. */
export function problemBody(error: ProblemError, language: Language, requestId: string) {
  const [status, title, detail] = problems[error.code]
  return {
    type: `urn:township-register:problem:${error.code}`,
    title: filled(title, language, error.params),
    status,
    detail: filled(detail, language, error.params),
    code: error.code,
    requestId,
    ...(error.faults.length > 0 && {
      errors: error.faults.map(({ params = {}, ...fault }) => ({
        ...fault,
        detail: filled(faults[fault.code], language, params),
      })),
    }),
  }
}
