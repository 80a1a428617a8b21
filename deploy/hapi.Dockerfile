FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY tests/servers/hapi/pom.xml .
COPY tests/servers/hapi/src src
RUN mvn --batch-mode --quiet compile

FROM eclipse-temurin:17-jre
RUN useradd --system --no-create-home record
WORKDIR /opt/record
COPY --from=build /build/target/lib lib
COPY --from=build /build/target/classes classes
USER record
EXPOSE 8104
ENTRYPOINT ["java", "-cp", "classes:lib/*", "example.handover.record.Main"]
CMD ["--settings", "/etc/record/hapi.properties", "--host", "0.0.0.0", "--stay"]
