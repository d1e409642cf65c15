#include "rest/filter_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/percent.hpp"
#include "rest/javascript_number.hpp"

namespace nx::rest {
namespace {

using store::Operation;
using testing::HasSubstr;

Input<Filter> read(const std::string& filter) {
  return read_filter(*QueryParameters::parse("filter=" + percent_encode(filter)));
}
Input<Filter> read_query(const std::string& query) {
  return read_filter(*QueryParameters::parse(query));
}
/// Status, then the field or the message.
std::string refusal(const Input<Filter>& filter) {
  if (filter) return "taken";
  return std::to_string(filter.error().status) + " " +
         (filter.error().field.empty() ? filter.error().problem : filter.error().field);
}
std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}
std::string nested(int levels) {
  return R"({"where":)" + repeated(R"({"and":[)", levels) + R"({"seq":1})" + repeated("]}", levels) + "}";
}

TEST(FilterReader, TakesAFilterAsJson) {
  const auto filter = read(
      R"({"where":{"title":{"like":"a%"},"seq":{"gte":2,"lt":9}},"order":["title DESC","data.a[0]"],"limit":5,"skip":7,"fields":["id","title"]})");
  ASSERT_TRUE(filter) << filter.error().problem;
  ASSERT_EQ(filter->where.parts.size(), 3u);
  EXPECT_EQ(filter->where.parts[0].condition.operation, Operation::like);
  EXPECT_EQ(filter->order[0].descending, true);
  EXPECT_EQ(filter->order[1].subject.path, (std::vector<std::string>{"a", "0"}));
  EXPECT_EQ(filter->limit, 5u);
  EXPECT_EQ(filter->skip, 7u);
  EXPECT_EQ(filter->fields_text, "id,title");
}

TEST(FilterReader, TakesTheSameAsParametersOfTheirOwn) {
  const auto whole =
      read(R"({"where":{"seq":{"gte":2}},"order":["title DESC","seq"],"limit":5,"skip":7,"fields":["id","title"]})");
  const auto parts =
      read_query("where=%7B%22seq%22%3A%7B%22gte%22%3A2%7D%7D&order=title+DESC,seq&limit=5&skip=7&fields=title,id");
  ASSERT_TRUE(whole && parts) << refusal(parts);
  EXPECT_EQ(whole->where, parts->where);
  EXPECT_EQ(whole->order, parts->order);
  EXPECT_EQ(whole->limit, parts->limit);
  EXPECT_EQ(whole->skip, parts->skip);
  EXPECT_EQ(whole->fields, parts->fields);
  EXPECT_EQ(whole->where_text, parts->where_text);
  EXPECT_TRUE(read_query("order=%5B%22title%22%5D&fields=%7B%22id%22%3Atrue%7D"));
  EXPECT_EQ(read_query("offset=3&skip=4")->skip, 4u);
  EXPECT_EQ(read(R"({"skip":4,"offset":3})")->skip, 4u);
  EXPECT_EQ(read(R"({"offset":3})")->skip, 3u);
}

TEST(FilterReader, NothingGivenIsTenRows) {
  for (const char* query : {"", "filter=", "filter=%7B%7D", "fields=", "order="}) {
    const auto filter = read_query(query);
    ASSERT_TRUE(filter) << query;
    EXPECT_EQ(filter->limit, 10u);
    EXPECT_TRUE(filter->where.empty());
    EXPECT_TRUE(filter->in_default_order());
    EXPECT_EQ(filter->fields, NotificationFields::all());
  }
}

TEST(FilterReader, HoldsALimitForEverythingThatMayGrow) {
  EXPECT_EQ(refusal(read(nested(8))), "taken");
  EXPECT_EQ(refusal(read(nested(9))), "422 filter.where.and.0.and.0.and.0.and.0.and.0.and.0.and.0.and.0.and.0");
  EXPECT_EQ(refusal(read(R"({"where":{"seq":[)" + repeated("1,", 99) + "1]}}")), "taken");
  EXPECT_EQ(refusal(read(R"({"where":{"seq":{"inq":[)" + repeated("1,", 100) + "1]}}}")), "422 filter.where.seq.inq");
  EXPECT_EQ(refusal(read(R"({"where":{"or":[)" + repeated("{},", 100) + "{}]}}")), "422 filter.where.or");
  EXPECT_EQ(refusal(read(R"({"order":[)" + repeated("\"id\",", 100) + "\"id\"]}")), "422 filter.order");
  EXPECT_EQ(refusal(read_query("order=" + repeated("id,", 101) + "id")), "422 order");
  EXPECT_EQ(refusal(read_query("fields=" + repeated("id,", 101) + "id")), "422 fields");
  const std::string begin = R"({"where":{"title":")", end = "\"}}";
  EXPECT_EQ(refusal(read(begin + std::string(4'096 - begin.size() - end.size(), 'x') + end)), "taken");
  EXPECT_EQ(refusal(read(begin + std::string(4'097 - begin.size() - end.size(), 'x') + end)), "422 filter");
  EXPECT_EQ(refusal(read(std::string(2'000, '['))).substr(0, 3), "400");
  EXPECT_EQ(refusal(read(R"({"limit":101})")), "422 filter.limit");
  EXPECT_EQ(refusal(read(R"({"limit":-1})")), "422 filter.limit");
  EXPECT_EQ(refusal(read(R"({"limit":1e2})")), "taken");
  EXPECT_EQ(refusal(read(R"({"skip":10000})")), "taken");
  EXPECT_EQ(refusal(read(R"({"skip":10001})")), "422 filter.skip");
  EXPECT_EQ(refusal(read_query("skip=10001")), "422 skip");
  EXPECT_EQ(refusal(read_query("offset=x")), "422 offset");
}

TEST(FilterReader, NamesWhatIsHostile) {
  EXPECT_EQ(refusal(read("{\"where\":{\"title\":\"a\\u0000b\"}}")), "422 filter.where.title");
  EXPECT_EQ(refusal(read("{\"where\":{\"ti\\u0000tle\":1}}")), "422 filter.where");
  EXPECT_EQ(refusal(read("{\"where\":{\"title\":{\"inq\":[\"a\",\"\\u0000\"]}}}")), "422 filter.where.title.inq.1");
  EXPECT_EQ(refusal(read_query("order=se%00q")), "422 order");
  EXPECT_EQ(refusal(read(R"({"where":{"seq":1e999}})")), "422 filter.where.seq");
  EXPECT_EQ(refusal(read(R"({"where":{"data":{"a":[-1e999]}}})")), "422 filter.where.data.a.0");
  for (const char* name : {"__proto__", "constructor", "toString", "hasOwnProperty", "prototype"}) {
    const std::string text{name};
    EXPECT_EQ(refusal(read(R"({"where":{")" + text + R"(":1}})")),
              "400 [FilterBuilder][toWhere] Table: ActivityNotification | Column NOT FOUND | key: '" + text + "'");
    EXPECT_THAT(refusal(read(R"({"where":{"title":{")" + text + R"(":1}}})")),
                HasSubstr("400 [FilterBuilder][buildOperatorConditions]"));
    EXPECT_EQ(refusal(read(R"({")" + text + R"(":1})")), "422 filter." + text);
    EXPECT_EQ(refusal(read(R"({"fields":[")" + text + R"("]})")), "422 filter.fields.0");
    EXPECT_THAT(refusal(read(R"({"order":[")" + text + R"("]})")), HasSubstr("400 [FilterBuilder][toOrderBy]"));
  }
  for (const char* name :
       {"id; DROP TABLE x", "id\\\" --", "n.id", "data.a'); --", "data.a\\\"", "r.seq", "\\\"id\\\""}) {
    EXPECT_THAT(refusal(read(R"({"where":{")" + std::string{name} + R"(":1}})")), HasSubstr("400 [FilterBuilder"))
        << name;
    EXPECT_THAT(refusal(read(R"({"order":[")" + std::string{name} + R"("]})")), HasSubstr("400 [FilterBuilder"))
        << name;
  }
}

TEST(FilterReader, NamesWhatHasAnotherShape) {
  const std::pair<const char*, const char*> cases[] = {{"[]", "422 filter"},
                                                       {"5", "422 filter"},
                                                       {"null", "422 filter"},
                                                       {R"({"where":[]})", "422 filter.where"},
                                                       {R"({"where":5})", "422 filter.where"},
                                                       {R"({"where":{"and":{}}})", "422 filter.where.and"},
                                                       {R"({"where":{"or":["x"]}})", "422 filter.where.or.0"},
                                                       {R"({"order":"id"})", "422 filter.order"},
                                                       {R"({"order":[1]})", "422 filter.order.0"},
                                                       {R"({"fields":5})", "422 filter.fields"},
                                                       {R"({"fields":{"id":1}})", "422 filter.fields.id"},
                                                       {R"({"fields":{"id":false}})", "422 filter.fields"},
                                                       {R"({"limit":"5"})", "422 filter.limit"},
                                                       {R"({"include":[]})", "422 filter.include"},
                                                       {R"({"were":{}})", "422 filter.were"},
                                                       {R"({"where":"[]"})", "422 filter.where"},
                                                       {R"({"where":"\"{}\""})", "422 filter.where"}};
  for (const auto& [filter, refused] : cases) EXPECT_EQ(refusal(read(filter)), refused) << filter;
  EXPECT_EQ(refusal(read(R"({"where":"{\"seq\":1}"})")), "taken");
  EXPECT_THAT(refusal(read("{")), HasSubstr("400 JSON Parse error: filter: "));
  EXPECT_THAT(refusal(read_query("where=%7B")), HasSubstr("400 JSON Parse error: where: "));
  EXPECT_EQ(refusal(read_query("filter=%7B%7D&skip=1")), "422 skip");
}

TEST(FilterReader, TheWhereOfAnIdIsNotLookedAt) {
  const auto query = QueryParameters::parse("filter=" + percent_encode(R"({"where":{"nope":1},"fields":["id"]})"));
  EXPECT_TRUE(read_filter(*query, WhereUse::checked_only));
  EXPECT_FALSE(read_filter(*query));
}

TEST(FilterReader, ACountNeedsAWhere) {
  EXPECT_EQ(read_count_where(*QueryParameters::parse("")).error().field, "where");
  EXPECT_EQ(read_count_where(*QueryParameters::parse("where=")).error().field, "where");
  EXPECT_EQ(read_count_where(*QueryParameters::parse("where=5")).error().field, "where");
  EXPECT_TRUE(read_count_where(*QueryParameters::parse("where=%7B%7D"))->empty());
}

TEST(FilterReaderJavascriptNumber, HasTheTextOfString) {
  const std::pair<const char*, const char*> cases[] = {{"5", "5"},
                                                       {"5.0", "5"},
                                                       {"-0", "0"},
                                                       {"0.1", "0.1"},
                                                       {"1e21", "1e+21"},
                                                       {"1e20", "100000000000000000000"},
                                                       {"123456789012345680000", "123456789012345680000"},
                                                       {"1e-6", "0.000001"},
                                                       {"1e-7", "1e-7"},
                                                       {"1.5e-7", "1.5e-7"},
                                                       {"-1.25e300", "-1.25e+300"},
                                                       {"9007199254740993", "9007199254740992"},
                                                       {"1e-999", "0"},
                                                       {"12.50", "12.5"}};
  for (const auto& [lexeme, text] : cases) EXPECT_EQ(javascript_text(*javascript_number(lexeme)), text) << lexeme;
  EXPECT_FALSE(javascript_number("1e999"));
}

}  // namespace
}  // namespace nx::rest
