-- A language client such as a Neovim user has: start the server, open a dataset, look at it, edit it, stop.
local patience = 60000
local checks = 0

local function say(line)
  io.stdout:write(line, '\n')
  io.stdout:flush()
end

local function check(what, holds, detail)
  if not holds then
    error(what .. (detail and (': ' .. (type(detail) == 'string' and detail or vim.inspect(detail))) or ''), 0)
  end
  checks = checks + 1
  say('ok ' .. what)
end

local function run()
  local buffer = vim.api.nvim_get_current_buf()
  local published, exit_code
  local client_id = vim.lsp.start_client({
    name = 'whylight',
    cmd = { 'dotnet', assert(os.getenv('WHYLIGHT_SERVER')), 'lsp' },
    root_dir = vim.fn.getcwd(),
    handlers = {
      ['textDocument/publishDiagnostics'] = function(err, result, context, config)
        published = result
        vim.lsp.diagnostic.on_publish_diagnostics(err, result, context, config)
      end,
    },
    on_exit = function(code)
      exit_code = code
    end,
  })
  check('the client starts', client_id)
  vim.lsp.buf_attach_client(buffer, client_id)

  local function has(code)
    for _, diagnostic in ipairs(published and published.diagnostics or {}) do
      if diagnostic.code == code then
        return diagnostic
      end
    end
  end
  local function wait_for(code)
    return vim.wait(patience, function()
      return has(code) ~= nil
    end, 20)
  end

  check('contradicting rows are diagnosed', wait_for('contradicting-duplicates'), published)
  check('a prediction that a harmless edit flips is diagnosed', wait_for('unstable-prediction'), published)
  local unstable = has('unstable-prediction').message
  check('its message names both labels', unstable:find('positive') and unstable:find('negative'), unstable)
  say('   ' .. unstable)
  check('the editor shows the diagnostics', #vim.diagnostic.get(buffer) > 0)

  local client = vim.lsp.get_client_by_id(client_id)
  local document = vim.lsp.util.make_text_document_params(buffer)
  local response = client.request_sync(
    'textDocument/hover',
    { textDocument = document, position = { line = 1, character = 8 } },
    patience,
    buffer
  )
  check('a hover is answered', response and response.result, response)
  local text = response.result.contents.value
  check('it says how sure the model is', text:find('%% sure'), text)
  check('it gives scores', text:find('%d%.%d'), text)
  check('it has no HTML, which Neovim would show as it is', not text:find('<'), text)
  say('   ' .. text:gsub('\n', '\n   '))

  published = nil
  vim.api.nvim_buf_set_lines(buffer, 6, 8, false, { 'A joyless, tedious mess of a film.\tpositive' })
  check('an edit is examined again', wait_for('label-disagreement'), published)
  check('and what it mended is gone', not has('contradicting-duplicates'), published)

  vim.lsp.stop_client(client_id)
  vim.wait(patience, function()
    return exit_code ~= nil
  end, 20)
  check('the server ends with code 0', exit_code == 0, tostring(exit_code))
end

local ok, problem = pcall(run)
say(ok and ('neovim: ok, ' .. checks .. ' checks') or ('neovim: FAILED: ' .. tostring(problem)))
vim.cmd(ok and 'qall!' or 'cquit! 1')
