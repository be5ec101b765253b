"""Exercises a honed with the openai package: sampling, files, fine-tuning jobs of each method, graders.

    scripts/test-clients openai
    python scripts/clients/openai_client.py http://127.0.0.1:8420 MODEL
"""
# requires: openai

import io
import json
import sys
import time

import openai

url, model = sys.argv[1:3]
client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0, timeout=120)
user = [{"role": "user", "content": "Say a word."}]


def check(name, holds, seen=None):
    if not holds:
        raise SystemExit(f"not so: {name}: {seen!r}")
    print(f"ok  {name}")


def refused(name, status, part, call):
    try:
        call()
    except openai.APIStatusError as error:
        check(name, error.status_code == status and part in str(error), error)
    else:
        raise SystemExit(f"not refused: {name}")


def models():
    listed = [entry.id for entry in client.models.list()]
    check("models.list and retrieve", model in listed and client.models.retrieve(model).id == model, listed)


def completions():
    given = dict(model=model, prompt="once", max_tokens=8, seed=3)
    one = client.completions.create(**given, n=2, logprobs=3)
    again = client.completions.create(**given, n=2, logprobs=3)
    check("completions: equal seeds give equal texts", [c.text for c in one.choices] == [c.text for c in again.choices])
    told = one.choices[0].logprobs
    check("completions: logprobs", len(told.tokens) == len(told.token_logprobs) == len(told.text_offset) > 0, told)
    check("completions: top_logprobs", all(3 <= len(top) <= 4 for top in told.top_logprobs), told.top_logprobs)
    usage = one.usage
    check("completions: usage", usage.prompt_tokens == 4 and usage.total_tokens > 4, usage)
    many = client.completions.create(**(given | dict(prompt=[[65, 66], [67]])), best_of=3,
                                     extra_body={"return_token_ids": True, "top_k": 5, "ignore_eos": True})
    ids = [choice.model_extra["token_ids"] for choice in many.choices]
    check("completions: token ids in and out", [len(tokens) for tokens in ids] == [8, 8], ids)
    read = client.completions.create(**(given | dict(max_tokens=0)), echo=True, logprobs=0)
    check("completions: echo reads a prompt", read.choices[0].text == "once", read)
    stream = client.completions.create(**given, stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    text = "".join(chunk.choices[0].text for chunk in chunks if chunk.choices)
    single = client.completions.create(**given)
    check("completions: a stream adds up to the text", text == single.choices[0].text, (text, single))
    told = client.completions.create(**given, logprobs=3)
    parts = [c.choices[0] for c in client.completions.create(**given, logprobs=3, stream=True) if c.choices]
    numbers = [number for part in parts if part.logprobs for number in part.logprobs.token_logprobs]
    check("completions: a stream tells log-probabilities as drawn",
          sum(part.logprobs is not None for part in parts) > 1 and numbers == told.choices[0].logprobs.token_logprobs, parts)
    offsets = [offset for part in parts if part.logprobs for offset in part.logprobs.text_offset]
    check("completions: a stream tells offsets", offsets == told.choices[0].logprobs.text_offset, (offsets, told.choices[0]))
    other = client.completions.create(**(given | dict(temperature=0)), extra_body={"repetition_penalty": 50})
    check("completions: repetition_penalty", len(other.choices) == 1, other)
    check("completions: a stream counts", chunks[-1].usage.completion_tokens == single.usage.completion_tokens)


def chats():
    given = dict(model=model, messages=user, max_completion_tokens=10, seed=5)
    one = client.chat.completions.create(**given, logprobs=True, top_logprobs=2, n=2, user="someone", temperature=0.7)
    check("chat: choices", [choice.index for choice in one.choices] == [0, 1], one)
    token = one.choices[0].logprobs.content[0]
    check("chat: top_logprobs", len(token.top_logprobs) == 2 and token.logprob <= 0, token)
    check("chat: finish_reason", one.choices[0].finish_reason in ("stop", "length"), one)
    whole = client.chat.completions.create(**given)
    parts, last = [], None
    for chunk in client.chat.completions.create(**given, stream=True, stream_options={"include_usage": True}):
        last = chunk
        parts += [chunk.choices[0].delta.content or ""] if chunk.choices else []
    check("chat: a stream adds up to the answer", "".join(parts) == whole.choices[0].message.content, parts)
    check("chat: a stream counts", last.usage == whole.usage, last)
    told = client.chat.completions.create(**given, logprobs=True, top_logprobs=2).choices[0].logprobs.content
    parts = [c.choices[0] for c in client.chat.completions.create(**given, logprobs=True, top_logprobs=2, stream=True)]
    tokens = [token for part in parts if part.logprobs for token in part.logprobs.content]
    check("chat: a stream tells log-probabilities as drawn",
          [(token.token, token.logprob) for token in tokens] == [(token.token, token.logprob) for token in told], tokens)
    check("chat: a stream tells top_logprobs", all(len(token.top_logprobs) == 2 for token in tokens), tokens)
    with client.chat.completions.stream(**given) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
    check("chat: the stream helper", "".join(deltas) == whole.choices[0].message.content, deltas)
    refused("chat: response_format", 400, "response_format",
            lambda: client.chat.completions.create(**given, response_format={"type": "json_object"}))
    refused("chat: tools", 400, "tools", lambda: client.chat.completions.create(
        **given, tools=[{"type": "function", "function": {"name": "f"}}]))
    refused("chat: an unknown model", 404, "no model", lambda: client.chat.completions.create(**(given | dict(model="x"))))


def upload(records):
    text = "".join(json.dumps(record) + "\n" for record in records)
    return client.files.create(file=("train.jsonl", io.BytesIO(text.encode())), purpose="fine-tune")


def files():
    made = upload([{"prompt": "é"}])
    check("files.create", made.status == "processed" and made.filename == "train.jsonl", made)
    check("files.content", client.files.content(made.id).text == json.dumps({"prompt": "é"}) + "\n")
    second = client.files.create(file=io.BytesIO(b"{}\n"), purpose="evals",
                                 expires_after={"anchor": "created_at", "seconds": 3600})
    check("files: expires_after", second.expires_at == second.created_at + 3600, second)
    check("files.list, page by page", [file.id for file in client.files.list(limit=1)][:2] == [second.id, made.id])
    check("files.list by purpose", [file.id for file in client.files.list(purpose="evals")] == [second.id])
    check("files.delete", client.files.delete(second.id).deleted)
    refused("files: a deleted one", 404, "no file", lambda: client.files.retrieve(second.id))
    client.files.delete(made.id)


def wait(job, *states):
    states = states or ("succeeded",)
    for _ in range(600):
        job = client.fine_tuning.jobs.retrieve(job.id)
        if job.status in states:
            return job
        if job.status in ("failed", "cancelled", "succeeded"):
            break
        time.sleep(0.2)
    raise SystemExit(f"{job.id} is {job.status}: {job.error}")


def fine_tuning():
    conversation = user + [{"role": "assistant", "content": "abab"}]
    demonstrations = upload([{"messages": conversation}] * 6)
    job = client.fine_tuning.jobs.create(
        model=model, training_file=demonstrations.id, suffix="words", seed=1, metadata={"of": "test"},
        method={"type": "supervised", "supervised": {"hyperparameters": {
            "n_epochs": 4, "batch_size": "auto", "learning_rate_multiplier": 1000}}})
    check("supervised: created", job.status in ("queued", "running") and job.method.type == "supervised", job)
    job = wait(job)
    check("supervised: succeeded", job.fine_tuned_model.startswith(f"ft-{model}-words-"), job)
    check("supervised: trained tokens", job.trained_tokens > 4 * 6 * 5 and job.metadata == {"of": "test"}, job)
    check("supervised: auto became a number", job.hyperparameters.batch_size == 6, job.hyperparameters)
    answer = client.chat.completions.create(model=job.fine_tuned_model, messages=user, max_tokens=8, temperature=0)
    check("supervised: the result samples", answer.choices[0].message.content, answer)
    kept = list(client.fine_tuning.jobs.checkpoints.list(job.id, limit=1))
    check("supervised: checkpoints", len(kept) == 3 and kept[0].metrics.train_loss is not None, kept)
    name = kept[-1].fine_tuned_model_checkpoint
    check("supervised: a checkpoint samples", client.completions.create(model=name, prompt="a").choices)
    events = list(client.fine_tuning.jobs.list_events(job.id, limit=2))
    check("supervised: events, newest first", events[-1].message == "queued" and len(events) > 4, events)
    older = client.fine_tuning.jobs.create(
        model=model, training_file=demonstrations.id, hyperparameters={"n_epochs": 1})
    check("supervised: the older hyperparameters", wait(older).hyperparameters.n_epochs == 1)

    pairs = upload([{"input": {"messages": [{"role": "user", "content": f"q{place}"}]},
                     "preferred_output": [{"role": "assistant", "content": "aaaa"}],
                     "non_preferred_output": [{"role": "assistant", "content": f"zz{place}"}]} for place in range(6)])
    job = client.fine_tuning.jobs.create(model=model, training_file=pairs.id, method={
        "type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2, "n_epochs": 2}}})
    check("dpo: succeeded", wait(job).method.dpo.hyperparameters.beta == 0.2)

    prompts = upload([{"messages": user, "answer": "a"}] * 4)
    grader = {"type": "string_check", "name": "holds", "operation": "ilike",
              "input": "{{sample.output_text}}", "reference": "{{item.answer}}"}
    job = client.fine_tuning.jobs.create(
        model=model, training_file=prompts.id, validation_file=prompts.id, method={
            "type": "reinforcement", "reinforcement": {"grader": grader, "hyperparameters": {"n_epochs": 1}}})
    check("reinforcement: succeeded", wait(job).fine_tuned_model)

    long = client.fine_tuning.jobs.create(
        model=model, training_file=demonstrations.id, hyperparameters={"n_epochs": 1000})
    wait(long, "running")
    client.fine_tuning.jobs.pause(long.id)
    check("pause", wait(long, "paused").status == "paused")
    client.fine_tuning.jobs.resume(long.id)
    wait(long, "running")
    client.fine_tuning.jobs.cancel(long.id)
    check("resume and cancel", wait(long, "cancelled").finished_at)
    listed = [entry.id for entry in client.fine_tuning.jobs.list(limit=2)]
    check("jobs.list, page by page", listed[0] == long.id and len(listed) == 5, listed)
    refused("a file that is not there", 404, "file-none", lambda: client.fine_tuning.jobs.create(
        model=model, training_file="file-none"))
    refused("a file of another shape", 400, "train.jsonl", lambda: client.fine_tuning.jobs.create(
        model=model, training_file=upload([{"text": "x"}]).id))
    refused("integrations", 400, "integrations", lambda: client.fine_tuning.jobs.create(
        model=model, training_file=demonstrations.id, integrations=[{"type": "wandb", "wandb": {"project": "p"}}]))
    return grader


def graders(grader):
    alpha = client.fine_tuning.alpha.graders
    check("graders.validate", alpha.validate(grader=grader).grader.name == "holds")
    graded = alpha.run(grader=grader, model_sample="An apple", item={"answer": "A"})
    check("graders.run", graded.reward == 1 and graded.metadata.type == "string_check", graded)
    several = {"type": "multi", "name": "both", "calculate_output": "(holds + like) / 2", "graders": {
        "holds": grader, "like": {"type": "text_similarity", "name": "like", "evaluation_metric": "fuzzy_match",
                                  "input": "{{sample.output_text}}", "reference": "An apple"}}}
    graded = alpha.run(grader=several, model_sample="An apple", item={"answer": "zebra"})
    check("graders.run: multi", graded.reward == 0.5 and graded.sub_rewards == {"holds": 0, "like": 1}, graded)
    missing = alpha.run(grader=grader, model_sample="An apple", item={})
    check("graders.run: unscored is null", missing.reward is None and missing.metadata.errors.invalid_variable_error)
    refused("graders.validate: what is wrong", 400, "operation", lambda: alpha.validate(grader=grader | {"operation": "x"}))


models()
completions()
chats()
files()
graders(fine_tuning())
print(f"openai {openai.__version__}: all checks hold")
