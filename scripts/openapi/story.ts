// What a program in TypeScript does with the types that openapi-typescript makes: it compiles, or the description lies.
import type { components, paths } from "./platform";

type Body<Path extends keyof paths> = paths[Path] extends {
  post: { requestBody?: { content: { "application/json": infer Sent } } };
}
  ? Sent
  : never;

type Answer<Path extends keyof paths, Verb extends "get" | "post", Status extends number> = paths[Path] extends {
  [verb in Verb]: { responses: { [status in Status]: { content: { "application/json": infer Told } } } };
}
  ? Told
  : never;

async function call<Told>(path: string, token: string, sent?: unknown): Promise<Told> {
  const answer = await fetch(`/api/v1${path}`, {
    method: sent === undefined ? "GET" : "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: sent === undefined ? undefined : JSON.stringify(sent),
  });
  if (!answer.ok) {
    const refused: components["schemas"]["Error"] = await answer.json();
    throw new Error(`${refused.code}: ${refused.message}`);
  }
  return answer.json();
}

export async function story(unit: string, graduate: string, school: string, graduateId: number, code: string) {
  const letter: Body<"/api/v1/online_signing/"> = {
    graduate_ids: [graduateId],
    position: {
      title: "工程师",
      category: "11",
      region: "110108",
      salary_month: "8000",
      report_by: "2099-07-01",
      contact: "李老师",
      phone: "13800138000",
    },
  };
  const invited = await call<Answer<"/api/v1/online_signing/", "post", 201>>("/online_signing/", unit, letter);
  const id: number = invited.result.created[0].id;
  const accepted: Body<"/api/v1/online_signing/{pk}/accept"> = { code };
  await call<Answer<"/api/v1/online_signing/{pk}/accept", "post", 200>>(`/online_signing/${id}/accept`, graduate, accepted);
  const approved: Body<"/api/v1/online_signing/{pk}/approve"> = { note: "" };
  const signed = await call<Answer<"/api/v1/online_signing/{pk}/approve", "post", 200>>(
    `/online_signing/${id}/approve`,
    school,
    approved,
  );
  const number: string | null = signed.result.number;
  const history: string[] = signed.result.history.map((step) => `${step.event} ${step.at}`);
  const list = await call<Answer<"/api/v1/online_signing/", "get", 200>>("/online_signing/?state=signed", school);
  const versions: number[] = list.result.map((one) => one.version);
  return { number, history, versions };
}
